"""The words that introduce speech, and the ones that speak of a channel's fate: labelled, edited, deleted, published."""

from __future__ import annotations

import re

__all__ = ["ACCORDING", "cue_at", "is_cue", "is_verb_like"]

_EN_CUES = frozenset(
    "said says say saying told tells tell telling wrote writes writing added adds adding claimed claims claiming continued continues asked asks replied replies "
    "explained explains recalled recalls warned warns insisted insists argued argues stated states announced announces noted notes stressed stresses remarked "
    "remarks admitted admits confirmed confirms denied denies promised promises read reads posted tweeted quipped joked concluded commented declared declares "
    "shouted described describes called calls urged urges complained complains acknowledged acknowledges suggested suggests believes thinks reported reports "
    "recounted lamented vowed pledged alleged alleges mused responded exclaimed demanded testified estimated advised begged cried estimates pleaded opined "
    "presumed presumes assumed assumes speculated predicted conceded maintained reiterated underlined chanted labelled branded dubbed accused puts".split()
)
_RU_CUE = re.compile(
    r"^(?:сказал[аио]?|сказали|говор(?:ит|ят|ил[аи]?|ится|илось)|заяв(?:ил[аи]?|ило|ляет|ляют|ив|лял[аи]?)|сообщ(?:ил[аи]?|ило|ает|ают|ив|ается|алось)|рассказ(?:ал[аи]?|ало|ывает|ывают|ав|ывал[аи]?)|"
    r"отме(?:тил[аи]?|тило|чает|чают|тив|чается)|подчеркнул[аи]?|подчеркнуло|подчеркива(?:ет|ют)|добав(?:ил[аи]?|ило|ляет|ляют|ив)|поясн(?:ил[аи]?|ило|яет|яют)|объясн(?:ил[аи]?|ило|яет|яют)|"
    r"(?:на)?писал[аи]?|(?:на)?писало|пиш(?:ет|ут)|призна(?:лся|лась|лись|ет|ется|ются|л|ла|ли)|утвержда(?:ет|ют|л[аи]?|ется)|уточн(?:ил[аи]?|ило|яет|яют)|счита(?:ет|ют|л[аи]?)|уверен[аы]?|уверя(?:ет|ют|л[аи]?)|"
    r"(?:по)?обеща(?:л[аи]?|ет|ют)|отве(?:тил[аи]?|тило|чает|чают|чал[аи]?)|спросил[аи]?|спрашива(?:ет|ют)|воскликнул[аи]?|вспомина(?:ет|ют|л[аи]?)|вспомнил[аи]?|предупре(?:дил[аи]?|ждает|ждают)|"
    r"констатир(?:овал[аи]?|ует|уют)|резюмир(?:овал[аи]?|ует)|(?:про)?цитир(?:ует|уют|овал[аи]?)|назва(?:л[аи]?|ло|в)|называ(?:ет|ют|л[аи]?|я)|указ(?:ал[аи]?|ало|ывает|ывают|ывается)|заме(?:тил[аи]?|чает|чают)|"
    r"обратил(?:ся|ась|ись)|(?:про)?комментир(?:ует|уют|овал[аи]?)|пережива(?:ет|ют)|переда(?:ет|ют|л[аи]?)|сету(?:ет|ют)|удиви(?:лся|лась|лись)|удивля(?:ется|ются)|возмути(?:лся|лась|лись)|возмуща(?:ется|ются)|"
    r"недоумева(?:ет|ют|л[аи]?)|(?:по)?просил[аи]?|(?:по)?требова(?:л[аи]?)|требу(?:ет|ют)|призва(?:л[аи]?)|призыва(?:ет|ют|л[аи]?)|обвинил[аи]?|охарактеризовал[аи]?|описал[аи]?|описыва(?:ет|ют|л[аи]?)|полага(?:ет|ют|л[аи]?)|"
    r"дума(?:ет|ют)|крич(?:ит|ат|ал[аи]?)|крикнул[аи]?|пожаловал(?:ся|ась|ись)|жалу(?:ется|ются)|подытожил[аи]?|настаива(?:ет|ют|л[аи]?)|возразил[аи]?|продолж(?:ил[аи]?|ает|ают)|отреагировал[аио]?|поделил(?:ся|ась|ись)|"
    r"выразил[аи]?|опроверг(?:ла|ли|ло)?|подтвердил[аи]?|подтвердило|подтвержда(?:ет|ют)|расценил[аи]?|заключил[аи]?|заверил[аи]?|повторил[аи]?|шут(?:ит|ят)|пошутил[аи]?|клян(?:ется|утся)|сформулировал[аи]?|прогнозиру(?:ет|ют)|напомнил[аи]?|напомина(?:ет|ют)|"
    r"гласит|информиру(?:ет|ют)|советует|посоветовал[аи]?|заметила|расска[зж]\w{1,4}|сказав|написав|каже|кажуть|сказав|заявив|заявила|повідомив|повідомила|повідомляє|розповіла|розповів|зазначив|зазначила)$"
)
ACCORDING = {
    "en": (("according", "to"), ("in", "the", "words", "of"), ("quoting",), ("citing",), ("quoted",)),
    "ru": (("по", "словам"), ("по", "данным"), ("по", "мнению"), ("по", "версии"), ("по", "информации"), ("по", "подсчетам"), ("по", "оценке"), ("по", "оценкам"),
           ("как", "говорит"), ("со", "слов"), ("со", "ссылкой", "на"), ("за", "словами"), ("за", "даними"), ("цитирует",), ("слова",), ("словам",)),
}  # fmt: skip
_RU_VERB = re.compile(
    r".{2,}(?:л|ла|ло|ли|лся|лась|лось|лись|ет|ит|ют|ят|ут|ат|ется|ится|ются|ятся|ает|яет|ал|ил)$"
)
_EN_VERB = re.compile(
    r"^(?:is|are|was|were|has|have|had|will|would|can|could|did|does|do|may|might|must|should|.{2,}ed|began|went|came|left|held|took|made|got|saw|ran|won|lost|fell|rose|grew|met|led|put|sent|read|found|gave|kept|became|told|said|wrote)$"
)


def is_cue(low: str, lang: str) -> bool:
    """Whether a word is a verb of speech."""
    return low in _EN_CUES if lang == "en" else bool(_RU_CUE.match(low))


def cue_at(lows: list[str], at: int, lang: str) -> int:
    """How many words of an "according to" phrase begin here; 0 for none."""
    for phrase in ACCORDING["en" if lang == "en" else "ru"]:
        if tuple(lows[at : at + len(phrase)]) == phrase and phrase not in {
            ("слова",),
            ("словам",),
            ("цитирует",),
            ("quoted",),
        }:
            return len(phrase)
    return 0


def is_verb_like(low: str, lang: str) -> bool:
    return bool((_EN_VERB if lang == "en" else _RU_VERB).match(low))
