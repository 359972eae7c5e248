"""Reads the words around a number that say how it bounds the truth: over, at least, nearly, about, up to."""

from __future__ import annotations

from typing import NamedTuple

from holdfast.reports.extract.words import Word

__all__ = ["COMPARATORS", "Comparison", "after_number", "before_number"]

COMPARATORS = ("over", "at_least", "nearly", "about", "exact", "up_to", "under")


class Comparison(NamedTuple):
    """`first` is the index of its first word, `after` of the first word after it."""

    comparator: str
    rule: str
    first: int
    after: int
    marks: tuple[str, ...] = ()


def _phrases(table: dict[str, str]) -> dict[tuple[str, ...], str]:
    return {tuple(phrase.split()): name for name, text in table.items() for phrase in text.split(";")}


_BEFORE = {
    "en": _phrases(
        {
            "over": "over;more than;above;upwards of;in excess of;north of;surpassed;surpassing;exceeded;exceeding;exceeds;topped;"
            "topping;tops;passed;passing;crossed;surpassed the;passed the;crossed the;topped the;greater than;past;past the;"
            "exceed;surpasses;surpass;beyond;bigger than;higher than;more then;smashed through;broke through;smashed past;blew past;sailed past;smashed;"
            "went past;gone past;climbed past;climbed above;rose above;outstripped",
            "at_least": "at least;no less than;no fewer than;not less than;not fewer than;a minimum of;minimum;at a minimum;"
            "reached;reached the;reaching;reaching the;hit;hit the;hitting;hitting the;reaches;not under;≥;a minimum",
            "nearly": "nearly;almost;close to;just under;approaching;just shy of;shy of;just short of;just below;nearing;approached;"
            "close on;a little under;slightly under;a little less than;slightly less than;a little fewer than;slightly fewer than;"
            "nearly as many as;a shade under;virtually",
            "about": "about;around;approximately;roughly;some;circa;an estimated;estimated;in the region of;approx;approx .;~;≈;"
            "c .;in the vicinity of;something like;an average of;on average;around about;somewhere around;in the order of;give or take;barely;scarcely;hardly more than",
            "exact": "exactly;precisely;a total of;only;just;as many as exactly;a mere;a whole;fully",
            "up_to": "up to;at most;no more than;not more than;as many as;a maximum of;maximum;at the most;≤;as much as;not over",
            "under": "under;below;fewer than;less than;beneath;smaller than;lower than;<;well under;far fewer than;not even",
        }
    ),
    "ru": _phrases(
        {
            "over": "более;более чем;больше;больше чем;свыше;выше;превысило;превысил;превысила;превысили;превышает;превышают;превышало;"
            "превысив;превысившее;перевалило за;перевалил за;перевалила за;перевалили за;перевалив за;преодолело;преодолел;преодолела;понад;більше;більш ніж;більше ніж;"
            "пересек;пересекла;пересекло;пересекли;перешагнул;перешагнула;перешагнуло;перешагнули;переступил;переступила;переступало;переступали;"
            "пробил;пробила;пробило;пробили;перевалили;превысить;превышал;превышающей;превышающее;за;сверх;більш як",
            "at_least": "не менее;не менее чем;не меньше;не меньше чем;как минимум;минимум;по меньшей мере;по крайней мере;достигло;достиг;"
            "достигла;достигли;достигает;достигнув;добрался до;добралась до;добрались до;добралось до;дошел до;дошло до;дошла до;"
            "щонайменше;не менш як;не менше;принаймні;хотя бы;от;мінімум;от как минимум",
            "nearly": "почти;почти что;без малого;чуть менее;чуть менее чем;чуть меньше;чуть меньше чем;немногим менее;немногим меньше;"
            "приближается к;приблизилось к;приблизилась к;приблизился к;приближалась к;приближался к;приближалось к;"
            "под;едва не;майже;подбирается к;подбирался к;подбиралась к;чуть не;практически;приближаясь к;немного меньше;немного менее",
            "about": "около;порядка;примерно;приблизительно;ориентировочно;где-то;плюс-минус;что-то около;близко;близько;приблизно;орієнтовно;"
            "в районе;в пределах;~;≈;в среднем;где-то около;примерно около;условно;близко к;порядку;десь;едва;еле",
            "exact": "ровно;всего;всего лишь;только;лишь;точно;общим числом;рівно;аж;целых",
            "up_to": "не более;не более чем;не больше;не больше чем;максимум;самое большее;до;не свыше;≤;вплоть до;не превышает;не превышало;"
            "не превысило;не превышал;не превысил;не більше;щонайбільше",
            "under": "менее;менее чем;меньше;меньше чем;ниже;не достигло;не дотягивает до;не дотянуло до;<;менше;менш ніж;неполных;неполные;неполными;неполным;неполной;менш як",
        }
    ),
}
_LONGEST = 5
# "за 25 тысяч", "под 30 тысяч", "от 20": only some words before them make them comparators.
_NEEDS_BEFORE = {
    "за": "перевалило перевалил перевалила перевалили перевалив далеко сильно уже подписчиков просмотров".split(),
    "past": "went gone go well just sailed blew shot moved climbed surged".split(),
    "от": (),
    "выше": (),
    "ниже": (),
}
_GLUE = {
    "en": frozenset({"a", "the", "its", "their", "his", "her", "another", "nearly", "mark", "of", "some"}),
    "ru": frozenset({"с", "со", "на", "в", "у", "к", "из", "о", "по", "для", "от", "отметку", "планку", "порог", "отметки",
                     "рубеж", "рубежа", "чем", "числа", "уже", "и", "тех", "еще", "за", "перед", "среди"}),
}  # fmt: skip
_MARKS = frozenset({"отметки", "отметку", "планку", "порог", "рубеж", "рубежа"})
_GROWTH = ("вырос", "увелич", "дорос", "поднял", "расшир", "возрос", "довел", "разрос", "подрос", "взлет", "подскоч", "доросл", "расти", "упал", "снизил", "сократил", "уменьш",
           "обвал", "сниз", "зросл", "збільш", "просел", "рухнул", "дойд", "растет", "вырас")  # fmt: skip
_REPORTING = frozenset("report reports reporting speak speaks spoke talk talks writes write tells".split())


def before_number(words: list[Word], first: int, lang: str, floor: int) -> Comparison | None:
    """The comparator that ends right before the word `first`, not reaching below the word `floor`."""
    table = _BEFORE["en" if lang == "en" else "ru"]
    glue = _GLUE["en" if lang == "en" else "ru"]
    at = first
    if lang != "en" and words[first - 1 : first] and words[first - 1].low == "и":
        near = [word.low for word in words[max(floor, first - 4) : first - 1]]
        if "не" in near and "," not in near:
            return Comparison("under", "cmp.not_even", first - 1, first)  # «не набрало и десяти тысяч»
    marks: set[str] = set()
    for _ in range(4):
        found = _ending_at(words, at, table, floor)
        if found is not None:
            comparator, begins = found
            return _judged(words, comparator, begins, at, lang, floor, frozenset(marks), first)
        if at - 1 < floor or words[at - 1].low not in glue:
            return None
        marks.add(words[at - 1].low)
        at -= 1
    return None


def _ending_at(
    words: list[Word], at: int, table: dict[tuple[str, ...], str], floor: int
) -> tuple[str, int] | None:
    for length in range(min(_LONGEST, at - floor), 0, -1):
        key = tuple([word.low for word in words[at - length : at]])
        if key in table:
            return table[key], at - length
    return None


def _judged(
    words: list[Word],
    comparator: str,
    begins: int,
    at: int,
    lang: str,
    floor: int,
    skipped: frozenset[str],
    first: int,
) -> Comparison | None:
    """Mends what the table cannot know: «до» after growth, "reports about 27", "за" that is no comparator."""
    said = " ".join(word.low for word in words[begins:at])
    before = words[begins - 1].low if begins > floor else ""
    rule = f"cmp.{comparator}"
    marks: tuple[str, ...] = ()
    if said in _NEEDS_BEFORE and before not in _NEEDS_BEFORE[said]:
        return None
    if lang == "en" and said == "about" and before in _REPORTING and not _is_round(words[first]):
        return Comparison("exact", "cmp.reports_on", first, first)
    if said == "до":
        if any(word.low.startswith(_GROWTH) for word in words[max(floor, begins - 12) : begins]):
            return Comparison("about", "cmp.reached_after_growth", begins, first)
        # "до отметки в", "до 1 марта": the first is a mark that was reached.
        if skipped & _MARKS:
            return Comparison("at_least", "cmp.mark_reached", begins, first)
    if said in {"только", "лишь", "всего", "только лишь", "only", "just", "a mere"}:
        marks = ("only",)
    if (
        lang != "en"
        and comparator in {"over", "under", "at_least"}
        and skipped - {"с", "со", "на", "в", "у", "к", "из", "о", "чем", "для", "по"}
        and not skipped & (_MARKS | {"и", "уже", "еще", "тех", "среди", "за"})
    ):
        return None
    if before in {"чуть", "немного", "немногим", "slightly", "little", "bit", "just"} and comparator in {
        "over",
        "under",
    }:
        marks += ("just",)
    return Comparison(comparator, rule, begins, first, marks)


def _is_round(word: Word) -> bool:
    return word.low.endswith(("0", "5")) or word.kind != "num"


_AFTER_EN = {
    ("or", "more"): "at_least",
    ("or", "so"): "about",
    ("or", "fewer"): "up_to",
    ("or", "less"): "up_to",
    ("-", "odd"): "about",
    ("-", "plus"): "over",
    ("plus",): "over",
    ("+",): "over",
}
_AFTER_RU = {
    ("с", "лишним"): "over",
    ("с", "небольшим"): "over",
    ("с", "лишком"): "over",
    ("и", "более"): "at_least",
    ("и", "больше"): "at_least",
    ("или", "более"): "at_least",
    ("или", "больше"): "at_least",
    ("или", "около", "того"): "about",
    ("+",): "over",
}


def after_number(words: list[Word], after: int, lang: str) -> Comparison | None:
    """The comparator that follows a number: "or so", "-plus", «с лишним»."""
    table = _AFTER_EN if lang == "en" else _AFTER_RU
    for length in (3, 2, 1):
        key = tuple(word.low for word in words[after : after + length])
        if key in table:
            if key == ("plus",) and not words[after].glued and lang == "en":
                following = words[after + 1 : after + 2]
                if following and following[0].kind == "num":
                    return None
            return Comparison(table[key], f"cmp.{table[key]}_after", after, after + length)
    return None
