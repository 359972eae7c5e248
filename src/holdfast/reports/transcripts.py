"""Seals transcripts beside the posts whose recordings they write down, and reads them back."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from holdfast.archive import Archive
from holdfast.capture.transcript import Transcript, parse_transcript
from holdfast.capture.transcript.parse import TRANSCRIPT_MAX_BYTES
from holdfast.catalog import facts
from holdfast.errors import FormatError, SourceError, UsageError
from holdfast.importing import close_interrupted
from holdfast.reports.evidence import Archived, PostAt, Words
from holdfast.reports.keeping import Act, seal_act
from holdfast.reports.verdict import Pointer
from holdfast.vault.blobs import Blobs

__all__ = ["ADAPTER", "TranscriptSummary", "import_transcript", "transcript_words"]

ADAPTER = "transcript"
_RECORDINGS = frozenset({"video", "round_video", "voice", "audio", "animation", "document"})


class TranscriptSummary(msgspec.Struct, frozen=True):
    """What became of a transcript. Units: `until_ms` is the end of its last segment, in milliseconds."""

    post: str
    artefact: str
    format: str
    lang: str | None
    segments: int
    skipped: int
    confidence: int | None
    until_ms: int
    entry: int
    capture: str
    checkpoint_size: int


def import_transcript(archive: Archive, path: Path, post: str) -> TranscriptSummary:
    """Seal a transcript of the recording of a post, named CHANNEL/ID.

    Effects: takes the writer's lock; seals the file as an artefact, a `transcript` entry and the capture's own; publishes. Errors:
    UsageError if there is no such post or it has no recording; SourceError if the file cannot be read as a transcript: then nothing is kept.
    """
    view = archive.post(post)
    seen = [each for _, each in view.observations if each is not None]
    if not any(media.kind in _RECORDINGS for each in seen for media in each.media or ()):
        raise UsageError(
            f"{post} has no recording", remedy="name a post with a video, a voice message or an audio file"
        )
    try:
        with open(path, "rb") as handle:
            raw = handle.read(TRANSCRIPT_MAX_BYTES + 1)
        transcript = parse_transcript(raw, path.name)
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from error
    except FormatError as error:
        raise SourceError(
            f"{path} is no transcript: {error.message}", remedy="give a .srt, .vtt or Whisper's .json"
        ) from error
    channel, number = view.channel.id, str(view.state.post)
    with archive.writing() as writing:
        close_interrupted(archive, writing)
        artefact = Blobs(archive.vault).add(io.BytesIO(raw), compress=True, name=path.name, probe=True)
        act = Act(ADAPTER, writing.log.time_now(), channel)
        units = {
            "transcript": {
                "channel": channel,
                "post": number,
                "artefact": artefact.digest,
                "format": transcript.format,
                "lang": transcript.lang,
                "segments": len(transcript.segments),
                "skipped": transcript.skipped,
                "confidence": transcript.confidence,
            }
        }
        entry = seal_act(
            archive,
            writing,
            act,
            "transcript",
            units,
            [(artefact, path.name, True)],
            {"path": path.name, "post": post},
        )
        writing.log.publish()
        return TranscriptSummary(
            f"{channel}/{number}",
            artefact.digest,
            transcript.format,
            transcript.lang,
            len(transcript.segments),
            transcript.skipped,
            transcript.confidence,
            transcript.segments[-1].end_ms,
            entry,
            act.id,
            writing.log.published_size,
        )


def load_transcript(view: Archived, artefact: str, form: str) -> Transcript:
    """A sealed transcript. Errors: IntegrityError if the artefact is not what was sealed; FormatError if it is none any more."""
    return parse_transcript(
        view.artefact(artefact), "transcript.json" if form == "whisper" else f"transcript.{form}"
    )


def transcript_words(view: Archived, row: int, posts: Sequence[PostAt]) -> Iterator[Words]:
    """The transcripts of posts as texts with the time of each segment."""
    by_number = {post.post: post for post in posts}
    for each in facts.transcripts(view.engine, row, list(by_number), view.size):
        transcript = load_transcript(view, each.artefact, each.format)
        times, parts, at = [], [], 0
        for segment in transcript.segments:
            times.append((at, segment.start_ms, segment.end_ms))
            parts.append(segment.text)
            at += len(segment.text) + 1
        pointer = Pointer(
            each.entry, "transcript", "segments", each.seen_at, None, view.channels[row].id, str(each.post),
            each.capture, ADAPTER, artefact=each.artefact,
        )  # fmt: skip
        yield Words(
            " ".join(parts),
            pointer,
            by_number[each.post].earliest,
            each.lang,
            tuple(times),
            transcript.confidence,
            True,
        )
