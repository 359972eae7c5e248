"""Writes an export of a made-up public channel, byte for byte as Telegram Desktop would format it.

    python -m bench.generate --posts 300000 --out DIR [--seed 1] [--lang ru|mix] [--size 2GB] [--media 8x64MB]

The same arguments give the same bytes on every machine. About 1.1 kB of JSON a post: mostly Russian (`mix`:
85 % Russian, 6 % Ukrainian, 6 % English, 3 % Chinese), with links, hashtags, bold runs, reactions, replies,
forwards, edits, service posts, gaps between ids, and photos and videos whose files were not included. Memory
does not grow with their number. `--media` adds that many files of random bytes, each claimed by a post.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench import words

CHANNEL_ID = 1700000001
CHANNEL_NAME = "Вести с пристани"
FIRST_POST_AT = 1_546_300_800  # 2019-01-01T00:00:00Z
UTC_OFFSET_S = 3 * 3600
NOT_INCLUDED = "(File not included. Change data exporting settings to download.)"
REACTIONS = ("👍", "❤", "🔥", "😢", "🙏", "😁", "🤬", "👏")
SIGNATURES = ("Марина К.", "Редакция", "Олег Т.")
SOURCES = (("Голос посёлка", 1650000011), ("City Desk", 1650000012), ("Новини порту", 1650000013))
# Words a post, in 64 steps from short to long; the mean is what makes 1.1 kB of JSON.
LENGTHS = (*(1 + step * step * step // 4400 + step // 4 for step in range(62)), 120, 260)
SIZE_UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}


@dataclass(frozen=True)
class Run:
    """A stretch of text of one kind, as it stands in JSON; `more` is further keys of the run, as JSON."""

    kind: str
    text: str
    more: str = ""


def parse_size(text: str) -> int:
    """Bytes of "64MB", "2GB" or a bare number. Errors: ValueError."""
    found = re.fullmatch(r"(\d+)\s*([KMG]B)?", text.strip().upper())
    if not found:
        raise ValueError(f"not a size: {text!r}; write it as 300MB or 2GB")
    return int(found[1]) * SIZE_UNITS[found[2] or ""]


def wall_clock(moment: int) -> str:
    """The exporter's local time, as tdesktop writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment + UTC_OFFSET_S))


class Writer:
    """Makes up posts one after the other; every choice comes from one seeded generator."""

    def __init__(self, seed: int, language: str) -> None:
        self.random = Random(seed)
        self.russian = words.russian(self.random)
        self.ukrainian = words.ukrainian(self.random)
        self.english = words.english(self.random)
        self.chinese = words.chinese(self.random)
        self.mixed = language == "mix"
        self.post_id = 0
        self.moment = FIRST_POST_AT

    def posts(self) -> Iterator[str]:
        """JSON of one post after the other, without end; the first is the channel's creation."""
        yield self._service('"create_channel",\n   "title": "' + CHANNEL_NAME + '"')
        while True:
            if self.random.random() < 0.02:
                pinned = max(1, self.post_id - int(self.random.random() * 50))
                yield self._service(f'"pin_message",\n   "message_id": {pinned}')
            else:
                yield self._post()

    def claim(self, path: str, size: int) -> str:
        """A post that claims a document of `size` bytes under `path`."""
        media = (
            f'   "file": "{path}",\n   "file_size": {size},\n   "mime_type": "application/octet-stream",\n'
        )
        return f'{self._head("message")}{self._from()}{media}   "text": "",\n   "text_entities": []\n  }}'

    def _head(self, kind: str) -> str:
        chance = self.random.random
        self.post_id += 1 if chance() < 0.95 else 2 + int(chance() * 8)
        self.moment += 1 + int(chance() * 1400)
        return (
            f'  {{\n   "id": {self.post_id},\n   "type": "{kind}",\n   "date": "{wall_clock(self.moment)}",\n'
            f'   "date_unixtime": "{self.moment}",\n'
        )

    def _from(self) -> str:
        return f'   "from": "{CHANNEL_NAME}",\n   "from_id": "channel{CHANNEL_ID}",\n'

    def _service(self, action: str) -> str:
        return (
            f'{self._head("service")}   "actor": "{CHANNEL_NAME}",\n   "actor_id": "channel{CHANNEL_ID}",\n'
            f'   "action": {action},\n   "text": "",\n   "text_entities": []\n  }}'
        )

    def _post(self) -> str:
        chance = self.random.random
        parts = [self._head("message")]
        if chance() < 0.4:
            edited = self.moment + 30 + int(chance() * 90_000)
            parts.append(f'   "edited": "{wall_clock(edited)}",\n   "edited_unixtime": "{edited}",\n')
        parts.append(self._from())
        if chance() < 0.3:
            parts.append(f'   "author": "{SIGNATURES[int(chance() * len(SIGNATURES))]}",\n')
        if chance() < 0.08:
            name, number = SOURCES[int(chance() * len(SOURCES))]
            parts.append(f'   "forwarded_from": "{name}",\n   "forwarded_from_id": "channel{number}",\n')
        elif chance() < 0.06:
            parts.append(f'   "reply_to_message_id": {max(1, self.post_id - 1 - int(chance() * 300))},\n')
        parts.append(self._media(chance()))
        parts.append(self._text())
        if chance() < 0.35:
            parts.append(self._reactions())
        parts.append("\n  }")
        return "".join(parts)

    def _media(self, dice: float) -> str:
        size = 20_000 + int(self.random.random() * 900_000)
        if dice < 0.25:
            return (
                f'   "photo": "{NOT_INCLUDED}",\n   "photo_file_size": {size},\n'
                '   "width": 1280,\n   "height": 960,\n'
            )
        if dice < 0.33:
            return (
                f'   "file": "{NOT_INCLUDED}",\n   "file_name": "video_{self.post_id}.mp4",\n'
                f'   "file_size": {size * 40},\n   "media_type": "video_file",\n'
                f'   "mime_type": "video/mp4",\n   "duration_seconds": {5 + size // 4000},\n'
                '   "width": 848,\n   "height": 480,\n'
            )
        return ""

    def _reactions(self) -> str:
        chance = self.random.random
        first = int(chance() * len(REACTIONS))
        rows = [
            f'    {{\n     "type": "emoji",\n     "count": {1 + int(900 * chance() ** 3)},\n'
            f'     "emoji": "{REACTIONS[(first + step) % len(REACTIONS)]}"\n    }}'
            for step in range(1 + int(chance() * 2))
        ]
        return ',\n   "reactions": [\n' + ",\n".join(rows) + "\n   ]"

    def _text(self) -> str:
        runs = self._runs()
        if not runs:
            return '   "text": "",\n   "text_entities": []'
        entities = ",\n".join(
            f'    {{\n     "type": "{run.kind}",\n     "text": "{run.text}"{run.more}\n    }}' for run in runs
        )
        if len(runs) == 1 and runs[0].kind == "plain":
            text = f'"{runs[0].text}"'
        else:
            rows = [
                f'    "{run.text}"'
                if run.kind == "plain"
                else f'    {{\n     "type": "{run.kind}",\n     "text": "{run.text}"{run.more}\n    }}'
                for run in runs
            ]
            text = "[\n" + ",\n".join(rows) + "\n   ]"
        return f'   "text": {text},\n   "text_entities": [\n{entities}\n   ]'

    def _runs(self) -> list[Run]:
        """The text of a post; long ones have a bold head line, some a link, some hashtags at the end."""
        chance = self.random.random
        count = LENGTHS[int(chance() * len(LENGTHS))]
        body = self._prose(count)
        runs: list[Run] = []
        if count > 40 and chance() < 0.5:
            head, _, body = body.partition(". ")
            runs.append(Run("bold", head))
            body = f"\\n\\n{body}" if body else ""
        if chance() < 0.1:
            address = f"https://news.example/{self.post_id}/{int(chance() * 1e6)}"
            if chance() < 0.5:
                runs += [Run("plain", f"{body}\\n\\n"), Run("link", address)]
            else:
                link = Run("text_link", "Источник", f',\n     "href": "{address}"')
                runs += [Run("plain", f"{body}\\n\\n"), link]
            body = ""
        if body:
            runs.append(Run("plain", body))
        if chance() < 0.12:
            runs.append(Run("plain", "\\n\\n"))
            tags = self.russian.draw(self.random, 1 + int(chance() * 2))
            for tag in tags:
                runs += [Run("hashtag", f"#{tag}"), Run("plain", " ")]
            runs.pop()
        return [run for run in runs if run.text]

    def _prose(self, count: int) -> str:
        chance = self.random.random
        dice = chance() if self.mixed else 0.0
        if dice >= 0.97:
            return self._chinese_prose(count)
        vocabulary = self.russian if dice < 0.85 else self.ukrainian if dice < 0.91 else self.english
        drawn = vocabulary.draw(self.random, count)
        sentences, start = [], 0
        while start < count:
            end = start + 5 + int(chance() * 10)
            part = drawn[start:end]
            if len(part) > 8:
                part[4] += ","
            part[0] = part[0].capitalize()
            sentences.append(" ".join(part) + ".")
            start = end
        if len(sentences) > 4:
            half = len(sentences) // 2
            return " ".join(sentences[:half]) + "\\n\\n" + " ".join(sentences[half:])
        return " ".join(sentences)

    def _chinese_prose(self, count: int) -> str:
        drawn = self.chinese.draw(self.random, count)
        return "，".join("".join(drawn[start : start + 6]) for start in range(0, count, 6)) + "。"


def write_media(writer: Writer, folder: Path, plan: str) -> list[str]:
    """Posts that claim files of random bytes, which are written to folder/files. `plan`: COUNTxSIZE."""
    count, _, size_text = plan.partition("x")
    size = parse_size(size_text)
    (folder / "files").mkdir(exist_ok=True)
    claims = []
    for number in range(int(count)):
        path = folder / "files" / f"document_{number}.bin"
        with path.open("wb") as out:
            for start in range(0, size, 1 << 20):
                out.write(writer.random.randbytes(min(1 << 20, size - start)))
        claims.append(writer.claim(f"files/{path.name}", size))
    return claims


def generate(
    folder: Path,
    *,
    posts: int | None = None,
    size: int | None = None,
    seed: int = 1,
    language: str = "mix",
    media: str | None = None,
) -> int:
    """Writes folder/result.json and returns the number of posts in it, service posts among them.

    Units: `size` in bytes; the file ends with the post that reaches it. Effects: replaces the file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    writer = Writer(seed, language)
    source = writer.posts()
    claims = write_media(writer, folder, media) if media else []
    count = written = 0
    with (folder / "result.json").open("wb") as out:
        out.write(
            f'{{\n "name": "{CHANNEL_NAME}",\n "type": "public_channel",\n "id": {CHANNEL_ID},\n'
            ' "messages": [\n'.encode()
        )
        while (posts is None or count < posts) and (size is None or written < size):
            post = (claims.pop() if claims and count else next(source)).encode()
            written += out.write(post if not count else b",\n" + post)
            count += 1
        out.write(b"\n ]\n}")
    return count


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.generate", description=__doc__.partition("\n")[0])
    parser.add_argument("--posts", type=int)
    parser.add_argument("--size", type=parse_size, help="300MB, 2GB: stop there")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lang", choices=("ru", "mix"), default="mix")
    parser.add_argument("--media", metavar="COUNTxSIZE")
    chosen = parser.parse_args(arguments)
    if chosen.posts is None and chosen.size is None:
        chosen.posts = 300_000
    started = time.perf_counter()
    count = generate(
        chosen.out,
        posts=chosen.posts,
        size=chosen.size,
        seed=chosen.seed,
        language=chosen.lang,
        media=chosen.media,
    )
    size = (chosen.out / "result.json").stat().st_size
    print(
        f"{chosen.out / 'result.json'}: {count:,} posts, {size / 1e6:,.1f} MB,"
        f" {size / count:,.0f} bytes a post, {time.perf_counter() - started:.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
