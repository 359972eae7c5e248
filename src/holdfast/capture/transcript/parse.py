"""Bytes of a transcript -> what is said, and when; pure."""

from __future__ import annotations

import codecs
import html
import json
import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from holdfast.errors import FormatError

__all__ = [
    "TRANSCRIPT_MAX_BYTES",
    "Segment",
    "Transcript",
    "parse_transcript",
]

TRANSCRIPT_MAX_BYTES = 64 << 20
_LATEST_MS = 1_000_000_000
"""Eleven days: no recording is longer, a number that is came from something else."""
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_CUE = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$")
_TAG = re.compile(r"</?[a-zA-Z][^>\n]{0,200}>|<\d[^>\n]{0,30}>|\{\\[^}\n]{0,100}\}")
_LANG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
_NAMED = {"russian": "ru", "english": "en", "ukrainian": "uk", "belarusian": "be"}


class Segment(msgspec.Struct, frozen=True, gc=False):
    """A stretch of speech. Units: milliseconds from the recording's beginning; `confidence` in percent, None where the file has none."""

    start_ms: int
    end_ms: int
    text: str
    confidence: int | None = None


class Transcript(msgspec.Struct, frozen=True):
    """What is said in a recording, in order of time. `format`: srt, vtt or whisper; `lang` as the file says; `skipped`: cues
    that could not be read."""

    format: str
    segments: tuple[Segment, ...]
    lang: str | None = None
    skipped: int = 0

    @property
    def confidence(self) -> int | None:
        """The mean of the segments' own, by length of text; None where the file has none."""
        told = [
            (each.confidence, len(each.text))
            for each in self.segments
            if each.confidence is not None and each.text
        ]
        total = sum(length for _, length in told)
        return sum(sure * length for sure, length in told) // total if total else None


def parse_transcript(raw: bytes, name: str) -> Transcript:
    """The transcript in a file's bytes; `name` says which form is tried first.

    Errors: FormatError if there is no segment to be read in any form.
    """
    if len(raw) > TRANSCRIPT_MAX_BYTES:
        raise FormatError(f"a transcript is larger than {TRANSCRIPT_MAX_BYTES} bytes")
    text = _decoded(raw)
    if name.lower().endswith(".json") or text.lstrip().startswith("{"):
        return _whisper(text)
    return _cues(text)


def _decoded(raw: bytes) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError as error:
                raise FormatError("a transcript is not of the encoding that it claims") from error
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        # Subtitle files of Cyrillic films are often in the code page of old Windows.
        return raw.decode("cp1251", "replace")


def _cues(text: str) -> Transcript:
    form = "vtt" if text.lstrip().startswith("WEBVTT") else "srt"
    lang = None
    segments: list[Segment] = []
    skipped = 0
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = block.strip("\n").split("\n")
        if lines[0].lstrip().startswith(("WEBVTT", "NOTE", "STYLE", "REGION")):
            told = re.search(r"^Language:\s*(\S+)", block, re.MULTILINE)
            lang = lang or (_language(told[1]) if told else None)
            continue
        at = next((number for number, line in enumerate(lines[:3]) if _CUE.match(line)), None)
        if at is None:
            skipped += "-->" in block
            continue
        groups = _CUE.match(lines[at])
        assert groups is not None
        start, end = _milliseconds(groups.groups()[:4]), _milliseconds(groups.groups()[4:])
        said = " ".join(_plain(line) for line in lines[at + 1 :]).strip()
        if start > end or end > _LATEST_MS:
            skipped += 1
        elif said:
            segments.append(Segment(start, end, said))
    return _made(form, segments, lang, skipped)


def _plain(line: str) -> str:
    return html.unescape(_TAG.sub("", line)).strip()


def _milliseconds(groups: tuple[Any, ...]) -> int:
    hours, minutes, seconds, parts = groups
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(str(parts).ljust(3, "0"))


def _whisper(text: str) -> Transcript:
    try:
        found = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise FormatError("a transcript is no JSON") from error
    if not isinstance(found, dict):
        raise FormatError("a transcript's JSON is no object")
    rows = found.get("segments", found.get("transcription"))
    if not isinstance(rows, list):
        raise FormatError("a transcript's JSON has neither segments nor transcription")
    result = found.get("result")
    lang = found.get("language", result.get("language") if isinstance(result, dict) else None)
    segments: list[Segment] = []
    skipped = 0
    for row in rows:
        segment = _segment(row) if isinstance(row, dict) else None
        if segment is None:
            skipped += 1
        elif segment.text:
            segments.append(segment)
    return _made("whisper", segments, _language(lang), skipped)


def _no_number(_text: str) -> Any:
    raise ValueError("no number")


def _segment(row: dict[str, Any]) -> Segment | None:
    offsets = row.get("offsets")
    if isinstance(offsets, dict):
        start, end = _whole(offsets.get("from"), 1), _whole(offsets.get("to"), 1)
    else:
        start, end = _whole(row.get("start"), 1000), _whole(row.get("end"), 1000)
    said = row.get("text")
    if start is None or end is None or start > end or not isinstance(said, str):
        return None
    return Segment(start, end, " ".join(said.split()), _sure(row))


def _whole(value: Any, factor: int) -> int | None:
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value <= _LATEST_MS:
        return None
    found = int(value * factor)
    return found if found <= _LATEST_MS else None


def _sure(row: dict[str, Any]) -> int | None:
    """The program's own confidence in percent: its mean probability of a token, less where it heard no speech."""
    logarithm, silence = row.get("avg_logprob"), row.get("no_speech_prob")
    if not isinstance(logarithm, Decimal) or not -100 <= logarithm <= 0:
        return None
    sure = math.exp(float(logarithm))
    if isinstance(silence, Decimal) and Decimal("0.6") < silence <= 1:
        sure *= 1 - float(silence)
    return round(100 * sure)


def _language(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    low = value.strip().lower()
    low = _NAMED.get(low, low)
    return low if _LANG.fullmatch(low) else None


def _made(form: str, segments: list[Segment], lang: str | None, skipped: int) -> Transcript:
    if not segments:
        raise FormatError("nothing in it can be read as a stretch of speech with its times")
    return Transcript(
        form, tuple(sorted(segments, key=lambda each: (each.start_ms, each.end_ms))), lang, skipped
    )
