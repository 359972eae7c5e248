"""Reports on invented worlds, in many wordings, with their gold claims; and twins with one claim altered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple
from zlib import crc32
from zoneinfo import ZoneInfo

from tests.gold.truth import Moment
from tests.gold.worlds import HOUR, World
from tests.gold.writing import Gold, Writer, rules_for

__all__ = ["Report", "reports_on"]

HAS = (("has ", "имеет "), ("does not have ", "не имеет "))
GATHERED = (("has gathered ", "набрало "), ("has not gathered ", "не набрало "))
VIEWED = (("has drawn ", "собрало "), ("has not drawn ", "не собрало "))


class Report(NamedTuple):
    """A text with its gold claims. `key` is the same in every run; `rule`: how it was altered, "" for not at all."""

    key: str
    lang: str
    text: str
    claims: tuple[Gold, ...]
    moment: Moment
    rule: str


# -- wordings -----------------------------------------------------------------------------------------


def news(w: Writer) -> None:
    w.name()
    w.say("’s Telegram channel published a ", " — телеграм-канал, опубликовавший ")
    w.lasting()
    w.say(" ", " ")
    w.when("video", "late")
    w.say(". The ", ". ")
    w.media("video", "Видео")
    w.say(" ", " ")
    w.count("views", "over", GATHERED)
    w.say(". The channel ", ". Канал ")
    w.count("followers", "over", HAS)
    w.say(".", ".")


def profile(w: Writer) -> None:
    w.say("The Telegram channel ", "Телеграм-канал «")
    w.name()
    w.say(" ", "» ")
    w.count("followers", "about", HAS)
    w.say(". Its ", ". Его ")
    w.media("video", "видео")
    w.say(", published ", ", опубликованное ")
    w.when("video", "day")
    w.say(", ", ", ")
    w.count("views", "nearly", VIEWED)
    w.say(".", ".")


def mark(w: Writer) -> None:
    w.say("The Telegram channel ", "Телеграм-канал «")
    w.name()
    w.say(" ", "» ")
    w.labelled(
        "scam" if w.channel == 5_100_000_001 else "fake",
        (
            ("has been labelled “{}” by Telegram", "получил от Telegram пометку «{}»"),
            ("has not been labelled “{}” by Telegram", "не получил от Telegram пометку «{}»"),
        ),
    )
    w.say(". It ", ". Он ")
    w.count("followers", "at_least", HAS)
    w.say(".", ".")


def said(w: Writer) -> None:
    w.say("The Telegram channel ", "Телеграм-канал «")
    w.name()
    w.say(" is known in the town. ", "» известен в городе. ")
    w.quote()
    w.say("It ", "Он ")
    w.count("followers", "exact", HAS)
    w.say(".", ".")


def clock(w: Writer) -> None:
    w.say("The ", "")
    w.media("video", "Видео")
    w.say(" was posted on ", " было опубликовано в телеграм-канале «")
    w.name()
    w.say("’s Telegram channel ", "» ")
    w.when("video", "clock")
    w.say(". ", ". ")
    w.count(
        "reactions",
        "over",
        (("It has gathered ", "Оно набрало "), ("It has not gathered ", "Оно не набрало ")),
    )
    w.say(". It ", ". Оно ")
    w.count("views", "at_least", VIEWED)
    w.say(".", ".")


def gone(w: Writer) -> None:
    w.name()
    w.say("’s Telegram channel ", " — телеграм-канал, который ")
    w.gone((("has been deleted", "удален"), ("has not been deleted", "не удален")))
    w.say(".", ".")


def denial(w: Writer) -> None:
    w.say("Despite the rumours, the Telegram channel ", "Вопреки слухам, телеграм-канал «")
    w.name()
    w.say(" ", "» ")
    w.count("followers", "over", HAS, denied=True)
    w.say(". Its ", ". Его ")
    w.lasting()
    w.say(" ", " ")
    w.count("views", "exact", VIEWED)
    w.say(".", ".")


def photo(w: Writer) -> None:
    w.name()
    w.say("’s Telegram channel ", " — телеграм-канал, который ")
    w.exists(
        "photo",
        (("published a ", "опубликовал "), ("did not publish a ", "не публиковал ")),
        ("photo", "фото"),
    )
    w.say(". The caption of the ", ". Подпись к ")
    w.media("photo", "фото")
    w.say(" ", " ")
    w.edited(
        "photo",
        (("was later edited", "позже изменили"), ("was not edited", "не изменили")),
    )
    w.say(".", ".")


def beside(w: Writer) -> None:
    """Two channels in one report: each number is of its own."""
    other = next(
        each.id for each in reversed(w.world.scenario.channels) if each.id not in (w.channel, w.called)
    )
    w.say("The Telegram channel ", "Телеграм-канал «")
    w.name()
    w.say(" ", "» ")
    w.count("followers", "over", HAS)
    w.say(". The Telegram channel ", ". Телеграм-канал «")
    w.name(other)
    w.say(" ", "» ")
    w.count("followers", "under", HAS, of=other)
    w.say(".", ".")


def figures(w: Writer) -> None:
    w.say("By the time of writing the ", "К моменту публикации ")
    w.lasting()
    w.say(" on ", " в телеграм-канале «")
    w.name()
    w.say("’s Telegram channel ", "» ")
    w.count("views", "exactly", GATHERED)
    w.say(". The channel ", ". Канал ")
    w.count("followers", "exactly", HAS)
    w.say(".", ".")


WORDINGS: tuple[Callable[[Writer], None], ...] = (
    news, profile, mark, said, clock, gone, denial, photo, beside, figures,
)  # fmt: skip


# -- reports ------------------------------------------------------------------------------------------


def reports_on(world: World, *, keep: int = 1, of: int = 1) -> Iterator[Report]:
    """Every wording of every channel at every moment in both languages, and every twin; `keep` of each `of`, always the same ones."""
    scenario, regime = world.scenario, world.regime
    for hour in regime.reports:
        at = scenario.start + hour * HOUR
        for number, wording in enumerate(WORDINGS):
            for place, channel in enumerate(scenario.channels):
                for lang in ("en", "ru"):
                    style = number + place + hour + (lang == "ru")
                    moment = Moment(at, at + 59, regime.zone, at)
                    if (number + place + hour) % 5 == 0:
                        moment = _whole_day(at, regime.zone)
                    key = f"{regime.name}/{hour}/{wording.__name__}/{channel.username}/{lang}"
                    others = [each.id for each in scenario.channels if each.id != channel.id]
                    for report in _with_twins(world, wording, channel.id, others, moment, lang, style, key):
                        if crc32(report.key.encode()) % of < keep:
                            yield report


def _whole_day(at: int, zone: str) -> Moment:
    start = datetime.fromtimestamp(at, ZoneInfo(zone)).replace(hour=0, minute=0, second=0)
    return Moment(int(start.timestamp()), int(start.timestamp()) + 86_399, zone, at)


def _with_twins(
    world: World,
    wording: Callable[[Writer], None],
    channel: int,
    others: list[int],
    moment: Moment,
    lang: str,
    style: int,
    key: str,
) -> Iterator[Report]:
    def written(rule: str, alter: tuple[int, str] | None = None, swapped: int | None = None) -> Report:
        writer = Writer(world, channel, moment, lang, style, alter, swapped)
        wording(writer)
        name = f"{key}/{alter[0]}/{rule}" if alter else f"{key}/{rule}" if rule else key
        return Report(name, lang, writer.text, tuple(writer.claims), moment, rule)

    base = written("")
    if not base.claims:
        return
    yield base
    for place, gold in enumerate(base.claims):
        for rule in rules_for(gold):
            yield written(rule, (place, rule))
    for other in others[:1]:
        yield written("channel", swapped=other)
