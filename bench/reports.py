"""How long it takes to read and judge a report of a thousand words, what that needs of memory, and what loading it costs."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

from bench.measures import holdfast
from bench.meter import measure

__all__ = ["WORDS", "Reports", "measure_reports"]

WORDS = 1_000
_ENGLISH = (
    "Quiet Shore’s Telegram channel published a nine-minute video late on Thursday, and it has been viewed more than 20,000 times since.",
    "“We looked for the boat until it was dark,” Anna Belova said in the recording, which also shows the pier.",
    "The channel, which has over 30,000 followers, has been labelled “fake” by Telegram.",
    "About 200 people came to the harbour on Friday morning, the mayor told reporters, and two of them were detained.",
    "Another channel, which covers the ferries, has about 5,000 subscribers and posts once a week.",
    "Nobody in the town could say in November who had written the letter or what had become of it.",
)
_RUSSIAN = (
    "Телеграм-канал «Тихий берег» опубликовал девятиминутное видео поздно вечером в четверг, его посмотрели более 20 тысяч раз.",
    "«Мы искали лодку, пока не стемнело», — рассказывает Анна Белова в записи, на которой видна и пристань.",
    "Канал, у которого больше 30 тысяч подписчиков, получил от мессенджера пометку «fake».",
    "В пятницу утром в порт пришли около 200 человек, сообщил журналистам мэр, двоих из них задержали.",
    "Другой канал, посвященный паромам, насчитывает примерно 5 тысяч подписчиков и выходит раз в неделю.",
    "В ноябре никто в городе не мог сказать, кто написал письмо и что с ним стало потом.",
)
# What one process says of itself: CPU seconds of each step, the best of five, and its own peak memory.
_ONE = """
import json, resource, sys, time

def cpu(work, times=5):
    best = None
    for _ in range(times):
        began = time.process_time()
        found = work()
        spent = time.process_time() - began
        best = spent if best is None else min(best, spent)
    return best, found

began = time.process_time()
import holdfast.archive
archive_s = time.process_time() - began
began = time.process_time()
import holdfast.reports.checking
room_s = time.process_time() - began
from pathlib import Path
from holdfast.archive import Archive
from holdfast.reports.check import Checker
from holdfast.reports.evidence import Archived
from holdfast.reports.extract import extract, parse_published
from holdfast.reports.resolve import Aliases

text = Path(sys.argv[2]).read_text("utf-8")
published = parse_published("2023-11-18T02:00Z", source="given")
read_s, claims = cpu(lambda: extract(text, published=published))
with Archive.open(Path(sys.argv[1]), workers=0) as archive:
    judge_s, found = cpu(lambda: Checker(Archived(archive), Aliases()).check(text, claims, published), 2)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
decided = sum(each.verdict.label != "not checkable" for each in found)
print(json.dumps({"archive_s": archive_s, "room_s": room_s, "read_s": read_s, "judge_s": judge_s, "peak": peak,
                  "claims": len(found), "decided": decided}))
"""
_ALONE = "import time; began = time.process_time(); import holdfast.reports.extract; print(time.process_time() - began)"


@dataclass
class Reports:
    """Units: CPU seconds, bytes. `extract_s`: loading the reading alone; `room_s`: loading reading and judging on top of the archive;
    `read_s`, `judge_s`: one report by language."""

    extract_s: list[float] = field(default_factory=list)
    room_s: list[float] = field(default_factory=list)
    read_s: dict[str, list[float]] = field(default_factory=dict)
    judge_s: dict[str, list[float]] = field(default_factory=dict)
    claims: dict[str, int] = field(default_factory=dict)
    peak_rss: int = 0


def report(sentences: tuple[str, ...], words: int = WORDS) -> str:
    """A made-up report of so many words, in paragraphs of three sentences."""
    said: list[str] = []
    while sum(len(each.split()) for each in said) < words:
        said.append(sentences[len(said) % len(sentences)])
    return "\n\n".join(" ".join(said[at : at + 3]) for at in range(0, len(said), 3))


def measure_reports(work: Path, rounds: int) -> Reports:
    """Reads and judges reports in both languages against the tour's vault. Effects: makes the tour in `work`."""
    tour = work / "tour"
    holdfast("demo", "--out", str(tour))
    result = Reports()
    for _ in range(rounds):
        result.extract_s.append(float(measure([sys.executable, "-c", _ALONE]).output))
        for lang, sentences in (("en", _ENGLISH), ("ru", _RUSSIAN)):
            path = work / f"report-{lang}.txt"
            path.write_text(report(sentences), encoding="utf-8")
            run = measure([sys.executable, "-c", _ONE, str(tour / "watched"), str(path)])
            found = json.loads(run.output)
            result.room_s.append(found["room_s"])
            result.read_s.setdefault(lang, []).append(found["read_s"])
            result.judge_s.setdefault(lang, []).append(found["judge_s"])
            result.claims[lang] = found["claims"]
            result.peak_rss = max(result.peak_rss, found["peak"])
    return result
