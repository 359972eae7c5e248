"""Seals what sweeps brought: raw answers first, then cards, posts and absences, and each capture's own entry, in one commit."""

from __future__ import annotations

import platform
import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import msgspec

from holdfast import __version__
from holdfast.archive import Archive, Writing
from holdfast.catalog.known import FollowedFlat, FollowedPosts
from holdfast.catalog.rows import PostRow, encode_units, post_row
from holdfast.errors import FormatError
from holdfast.model import Counts, PostSeen, RawRange
from holdfast.sealing import Tokens, load_post, says_nothing_new
from holdfast.vault.blobs import Blobs
from holdfast.vault.canon import ELEMENTS_MAX, seal, seal_posts
from holdfast.vault.private import encode_frame
from holdfast.watching.media import Taken
from holdfast.watching.source import UNNAMED, Answer
from holdfast.watching.sweep import Missing, Swept

__all__ = ["Keeper", "Kept", "utc"]

_Entry = tuple[bytes, bytes]
_Follow = FollowedPosts | FollowedFlat


class Kept(msgspec.Struct, frozen=True):
    """What became of a sweep. `entry`: the capture's; `fresh`: posts that were sealed and name files, as sealed, with
    the number of their channel."""

    capture: str
    channel: str
    entry: int
    counts: Counts
    changes: dict[str, int]
    fresh: tuple[PostSeen, ...]


class _Batch:
    """Entries that go into the log together, in order, with what the catalog follows of them."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.entries: list[_Entry] = []
        self.follow: list[_Follow] = []

    def flat(self, kind: str, ts: str, units: dict[str, Any]) -> int:
        encoded = tuple((name, msgspec.json.encode(value)) for name, value in units.items())
        sealed = seal(kind, ts, encoded)
        self.entries.append((sealed.entry, encode_frame(sealed.salts, sealed.body)))
        values = {name: msgspec.json.decode(value) for name, value in encoded}
        index = self.first + len(self.follow)
        self.follow.append(FollowedFlat(index, ts, kind, values))
        return index

    def posts(
        self,
        ts: str,
        capture: dict[str, Any],
        kept: Sequence[tuple[tuple[bytes, ...], PostRow]],
        words: Sequence[str],
    ) -> None:
        of = msgspec.json.encode(capture)
        for at in range(0, len(kept), ELEMENTS_MAX):
            part = kept[at : at + ELEMENTS_MAX]
            sealed = seal_posts(ts, of, [units for units, _ in part])
            self.entries.append((sealed.entry, encode_frame(sealed.salts, sealed.body)))
            index = self.first + len(self.follow)
            rows = list(enumerate(row for _, row in part))
            self.follow.append(FollowedPosts(index, ts, capture, rows, words if not at else ()))


class Keeper:
    """The writing end of a watch. One thread uses it."""

    def __init__(self, archive: Archive, writing: Writing) -> None:
        self.archive, self.writing = archive, writing
        self.blobs = Blobs(archive.vault)
        self.session = secrets.token_hex(8)

    def known(self, source: str, channel: str, first: int, last: int) -> list[int]:
        """Ids of the posts between two that stand there and that a source would show, as last seen by any, ascending."""
        return self.writing.follower.standing_ids(channel, source, first, last)

    def keep(self, brought: Sequence[Swept]) -> list[Kept]:
        """Seal sweeps, in order. Effects: artefacts and one commit of the log; nothing is shown to readers before `show`.

        Sweeps of one channel must not stand in one call: each is compared with what was sealed before.
        """
        batch = _Batch(self.writing.log.size)
        kept = [self._sealed(swept, batch) for swept in brought]
        self._append(batch)
        return kept

    def held_files(self, channel: str, posts: list[int]) -> set[tuple[int, int, bool]]:
        """(post, position, whether it is the small picture) of those files of some posts whose bytes are sealed."""
        found = set()
        for post, entry, element in self.writing.follower.places_of_files(channel, posts):
            seen = load_post(self.archive.reader, entry, element)
            for position, each in enumerate((seen.media or ()) if seen is not None else ()):
                if each.artefact is not None:
                    found.add((post, position, False))
                if each.thumbnail is not None and each.thumbnail.artefact is not None:
                    found.add((post, position, True))
        return found

    def keep_files(self, swept: Swept, answer: Answer, taken: Taken, now: int) -> None:
        """Seal the files of one answer's posts: the posts as that answer showed them, now with their bytes.

        Effects: one commit of the log, shown to readers with the next `show`.
        """
        batch = _Batch(self.writing.log.size)
        ts = self.writing.log.time_now()
        capture, channel = secrets.token_hex(16), swept.channel
        sealable = swept.source.encode([*taken.raw, answer.raw], now)
        artefact = self.blobs.add(BytesIO(sealable.body), compress=False, name=sealable.name)
        offset, length = sealable.ranges[-1]
        of = {"id": capture, "channel": channel, "seen_at": utc(answer.seen_at), "source": swept.source.name}
        tokens = Tokens()
        kept = []
        for seen in taken.posts.values():
            seen = msgspec.structs.replace(seen, raw=RawRange(artefact.digest, offset, length))
            units = encode_units(seen)
            kept.append((units, post_row(seen, units, tokens)))
        batch.posts(ts, of, kept, tokens.fresh(self.session))
        counts = Counts(
            read=len(kept), changed=len(kept), media_sealed=taken.sealed, media_missing=taken.missing
        )
        done = msgspec.structs.replace(answer, raw=tuple(each for raw in taken.raw for each in raw))
        files = Swept(swept.target, swept.source, answer.seen_at, [done], [], [], [], finished_at=now)
        units_of = self._capture(files, capture, artefact.digest, sealable, counts, Counter(), Counter())
        batch.flat("capture", ts, {**units_of, "request": {"asked": ["files of the posts"]}})
        self._append(batch)

    def _append(self, batch: _Batch) -> dict[str, int]:
        if not batch.entries:
            return {}
        first = self.writing.log.append(batch.entries)
        assert first == batch.first
        return self.writing.follower.apply(batch.follow)

    def show(self) -> None:
        """Publish a checkpoint over all that was sealed, and show it to readers."""
        self.writing.log.publish()
        self.writing.follower.commit()

    # -- one sweep --------------------------------------------------------------------------------

    def _sealed(self, swept: Swept, batch: _Batch) -> Kept:
        """The entries of one sweep: its cards, its posts, what is missing, and the capture."""
        ts = self.writing.log.time_now()
        capture, channel = secrets.token_hex(16), swept.channel
        # Raw first: the answers are on the disk before anything is said of them.
        sealable = swept.source.encode([each.raw for each in swept.answers], swept.started_at)
        artefact = self.blobs.add(BytesIO(sealable.body), compress=False, name=sealable.name)
        counts: Counter[str] = Counter()
        problems: Counter[str] = Counter()
        unknown: Counter[str] = Counter()

        def of(seen_at: int) -> dict[str, str]:
            return {"id": capture, "channel": channel, "seen_at": utc(seen_at), "source": swept.source.name}

        self._cards(swept, batch, ts, of)
        fresh: list[PostSeen] = []
        sealed: dict[int, PostRow] = {}
        for answer, (offset, length) in zip(swept.answers, sealable.ranges, strict=True):
            raw = RawRange(artefact.digest, offset, length)
            for problem in answer.seen.problems:
                problems[problem.code] += 1
                counts[problem.outcome] += 1
            unknown.update(dict(answer.seen.unknown))
            new = self._posts(answer, raw, of(answer.seen_at), batch, ts, sealed, counts)
            fresh.extend(new)
        for missing in swept.missing:
            batch.flat(
                "absence",
                ts,
                {
                    "capture": of(missing.seen_at),
                    "absence": {
                        "channel": channel,
                        "posts": [str(missing.post)],
                        "answered": missing.answered,
                        "asked": f"the post's own page; {_page(missing)}",
                    },
                },
            )
        counts["absent"] = len(swept.missing)
        total = Counts(**{name: counts[name] for name in Counts.__struct_fields__})
        entry = batch.flat(
            "capture", ts, self._capture(swept, capture, artefact.digest, sealable, total, problems, unknown)
        )
        return Kept(capture, channel, entry, total, {}, tuple(fresh))

    def _cards(self, swept: Swept, batch: _Batch, ts: str, of: Any) -> None:
        answer = swept.card
        card = answer.seen.card
        units: dict[str, Any] = {"capture": of(answer.seen_at)}
        if card is not None:
            units |= {
                "channel": card.channel,
                "followers": card.followers,
                "labels": card.labels,
                "counters": card.counters,
                "restrictions": card.restrictions,
            }
        units["standing"] = {
            "answered": answer.seen.answered,
            "detail": answer.seen.detail or (card.detail if card else None),
            "name": swept.target.name,
            "linked_chat": card.linked_chat if card else None,
            "moved_to": card.moved_to if card else None,
            **({"retry_at": utc(answer.retry_at)} if answer.retry_at is not None else {}),
        }
        batch.flat("channel", ts, units)
        before = swept.target.channel
        if before is not None and before != swept.channel:
            # The name leads elsewhere now; of the channel that was watched, nothing was seen.
            units = {
                "capture": {**of(answer.seen_at), "channel": before},
                "standing": {**_elsewhere(swept), "name": swept.target.name},
            }
            batch.flat("channel", ts, units)

    def _posts(
        self,
        answer: Answer,
        raw: RawRange,
        of: dict[str, str],
        batch: _Batch,
        ts: str,
        sealed: dict[int, PostRow],
        counts: Counter[str],
    ) -> list[PostSeen]:
        """Seal the posts of one answer that say something new. Returns them."""
        tokens = Tokens()
        rows: list[tuple[PostSeen, tuple[bytes, ...], PostRow]] = []
        for seen in answer.seen.posts:
            counts["read"] += 1
            seen = msgspec.structs.replace(seen, raw=raw)
            units = encode_units(seen)
            try:
                row = post_row(seen, units, tokens)
            except FormatError:
                counts["skipped"] += 1
                continue
            rows.append((seen, units, row))
        channel = self.writing.follower.row_of(of["channel"])
        known = {}
        if channel is not None:
            known = self.writing.follower.standing(channel, [row.post for _, _, row in rows], of["source"])
        kept, found = [], []
        for seen, units, row in rows:
            before, earlier = known.get(row.post), sealed.get(row.post)
            if earlier is not None:
                # Shown twice in one sweep, as by a page and alone: sealed again only if it moved in between.
                if earlier.fingerprint == row.fingerprint:
                    counts["repeated"] += 1
                    continue
                counts["changed"] += 1
            elif before is None:
                counts["new"] += 1
            elif before.absent is None and says_nothing_new(before, row, seen, self.archive.reader):
                counts["unchanged"] += 1
                continue
            else:
                counts["changed"] += 1
            sealed[row.post] = row
            kept.append((units, row))
            found.append(seen)
        if kept:
            batch.posts(ts, of, kept, tokens.fresh(self.session))
        return found

    def _capture(
        self,
        swept: Swept,
        capture: str,
        digest: str,
        sealable: Any,
        counts: Counts,
        problems: Counter[str],
        unknown: Counter[str],
    ) -> dict[str, Any]:
        source = swept.source
        clock = [each for each in swept.answers if each.seen.source_time is not None]
        return {
            "capture": {
                "id": capture,
                "seen_at": utc(swept.started_at),
                "finished_at": utc(swept.finished_at),
            },
            "source": {"adapter": source.name, "name": swept.target.name, **source.described()},
            "collector": {
                "tool": "holdfast",
                "version": __version__,
                "python": platform.python_version(),
                "host": platform.node() if self.archive.record_host else None,
                "account": None,
                "route": source.route,
            },
            "request": {"asked": [each.asked for each in swept.answers]},
            "coverage": [
                {
                    "channel": swept.channel,
                    "spans": [[str(first), str(last)] for first, last in _joined(swept.spans)],
                    "answers": [[str(first), str(last), utc(when)] for first, last, when in swept.spans],
                    **({"unresolved": [str(post) for post in swept.unresolved]} if swept.unresolved else {}),
                }
            ],
            "artefacts": [
                {
                    "digest": digest,
                    "size_bytes": len(sealable.body),
                    "name": sealable.name,
                    "media_type": sealable.media_type,
                    "parsed": True,
                }
            ],
            "counts": msgspec.structs.asdict(counts),
            "problems": {
                "counts": dict(sorted(problems.items())),
                "unknown": dict(sorted(unknown.items())[:100]),
                "first": [],
            },
            "outcome": {"state": swept.outcome, **({"detail": swept.detail} if swept.detail else {})},
            "clock": {
                "started": utc(swept.started_at),
                "finished": utc(swept.finished_at),
                # The source's own clock, beside ours at the same answer.
                **(
                    {"source": utc(clock[0].seen.source_time or 0), "ours": utc(clock[0].seen_at)}
                    if clock
                    else {}
                ),
            },
        }


def _elsewhere(swept: Swept) -> dict[str, str]:
    """What is said of a channel whose name shows a card that is not known to be its own."""
    answered = swept.card.seen.answered
    if not swept.channel.startswith(UNNAMED):
        return {"answered": "not found", "detail": f"the name leads to channel {swept.channel} now"}
    if answered in ("user", "group", "bot"):
        return {"answered": answered, "detail": "the name leads there now"}
    return {
        "answered": "not understood",
        "detail": "the name shows another card than before, without posts that would say of which channel",
    }


def utc(unix_s: int) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _page(missing: Missing) -> str:
    if missing.page is None:
        return "the channel's page shows no posts"
    return f"a page of ids {missing.page[0]} to {missing.page[1]} lacks it"


def _joined(spans: Sequence[tuple[int, int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first, last, _ in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found
