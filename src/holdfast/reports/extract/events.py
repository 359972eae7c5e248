"""Finds what is said to have happened to posts and channels: published, labelled, edited, gone, silent."""

from __future__ import annotations

import re
from typing import NamedTuple

from holdfast.reports.extract.names import is_channel_word, platform_in
from holdfast.reports.extract.words import Word

__all__ = ["MEDIA_WORD", "Event", "find_events"]


class Event(NamedTuple):
    """One happening. Units: `at` is the index of its verb; `first`, `after` the words that make it up.

    `kind`: published, label, edit, disappearance, posts (silence). `label` is the mark's own word, `authority` who set it.
    `marks`: what weakens it ("label removed", "partly", …).
    """

    kind: str
    at: int
    first: int
    after: int
    is_denied: bool
    rule: str
    label: str | None = None
    authority: str | None = None
    marks: tuple[str, ...] = ()


MEDIA_WORD = {
    "en": re.compile(
        r"^(?:videos?|clips?|footage|recordings?|films?|documentary|posts?|messages?|statements?|letters?|photos?|photographs?|pictures?|images?|appeals?|manifesto|addresses|testimony|plea|story|"
        r"interviews?|podcasts?|audio|reels?|streams?|broadcasts?|articles?|publications?|comments?|caption|note|trailer|recording|livestream|series|episode|report|monologue)$"
    ),
    "ru": re.compile(
        r"^(?:видео\w*|ролик\w*|клип(?:а|у|ом|е|ы|ов)?|запис[ьиюей]\w*|аудио\w*|фильм\w*|пост(?:а|у|ом|е|ы|ов|ам|ами|ах)?|публикаци\w+|сообщени\w+|заявлени\w+|фото\w*|снимк\w+|снимок|обращени\w+|манифест\w*|интервью|"
        r"подкаст\w*|стрим\w*|эфир\w*|выпуск\w*|письм\w+|текст\w*|комментари\w+|сюжет\w*|трейлер\w*|голосов\w+|кружоч?к\w*|расследовани\w+|відео|допис\w*|кадр\w*|статью|статья|карточк\w+)$"
    ),
}
_PUBLISH = {
    "en": re.compile(
        r"^(?:posted|published|publishes|shared|uploaded|released|appeared|aired|issued|dated|reposted|circulated|premiered|dropped|emerged|surfaced|broadcast|leaked|debuted|posting|publishing|sharing|uploading|releasing|posts)$"
    ),
    "ru": re.compile(
        r"^(?:опубликова\w+|публику\w+|публикова\w+|выложи\w+|выложен\w+|вышедш\w+|появивш\w+|выкладыва\w+|размести\w+|размещен\w+|вышел|вышла|вышло|вышли|появи\w+|выпусти\w+|показал[аи]?|запости\w+|загрузи\w+|загружен\w+|обнародова\w+|"
        r"датирован\w+|распространи\w+|поделил\w+|записал[аи]?|зачитал[аи]?|оприлюдн\w+|опублікув\w+|виклав|виклала)$"
    ),
}
_ON_AIR = frozenset(
    "television tv radio cinema cinemas телевизору телевидении телеканале радио экранах кинотеатрах".split()
)
_BASE_FORMS = frozenset("post publish share upload release air broadcast".split())
"""English verbs after "did not"; elsewhere they are nouns, or nobody's deed."""
_GONE = {
    "en": re.compile(
        r"^(?:deleted?|deletes|deleting|removed|removes|disappeared|disappears|vanished|unavailable|suspended|blocked|banned|wiped|restricted|erased|inaccessible|offline|gone|scrubbed|unpublished)$"
    ),
    "ru": re.compile(
        r"^(?:удал(?:ен[аоы]?|ил[аио]?|или|яет|яют|ило|ены|енн\w+|ять|ив|яли)|исчез(?:ла|ло|ли|ает|нувш\w+)?|пропал[аои]?|пропавш\w+|недоступ(?:ен|на|но|ны)|заблокирова(?:н|на|но|ны|л|ла|ли|ло)|блокирова(?:н|на|но|ны)|"
        r"снес(?:ли|ла)?|стерт[аоы]?|стерл[аи]?|ограничи(?:л|ла|ли|ло)|ограничен[аоы]?|закры(?:л|ла|ли|т|та|ты)|видален\w*|видалил\w*|заблокован\w*|зник(?:ла|ли|ло)?)$"
    ),
}
_EDIT = {
    "en": re.compile(
        r"^(?:edited|rewrote|rewritten|renamed|amended|reworded|altered|changed|edits|corrected|updated)$"
    ),
    "ru": re.compile(
        r"^(?:(?:от)?редактирова(?:л|ла|ли|н|на|но|ны|ло)|измен(?:ил|ила|или|ило|ен|ена|ено|ены)|переименова(?:л|ла|ли|н|на|но|ны)|поправил[аи]?|исправил[аи]?|исправлен\w*|переписал[аи]?|сменил[аи]?|отредагув\w+|змінил\w+|перейменув\w+)$"
    ),
}
_EDIT_OBJECT = re.compile(
    r"^(?:it|them|its|post|posts|text|caption|message|name|title|description|wording|channel|video|bio|statement|его|ее|их|текст\w*|подпис[ьи]|назван\w+|описан\w+|пост\w*|публикац\w+|канал\w*|сообщен\w+|запис[ьи]\w*|видео|заголов\w+|імя|назву)$"
)
_LABEL_WORD = re.compile(
    r"\b(?P<platform>fake|scam|фейк\w*|скам\w*|мошенн\w+|verified|verification|верифи\w+|верифікац\w+|синяя галочк\w+|галочк\w+|обман\w*|blue (?:tick|check ?mark|badge)|restricted|sensitive content)\b"
    r"|\b(?P<state>foreign agents?|иноагент\w*|иностранн\w+ агент\w*|undesirable|нежелательн\w+|extremist|экстремист\w*|terrorist|террорист\w+)\b"
)
_LABEL_VERB = {
    "en": re.compile(
        r"^(?:brand(?:ed|ing)|label(?:l?ed|l?ing|s)?|mark(?:ed|ing)?|designat(?:ed|ion|es)|declar(?:ed|es)|flag(?:ged|s)?|tag(?:ged|s)?|list(?:ed)?|recogni[sz]ed|classified|classif(?:ies|y)|badge|tick|mark|added|registered|outlawed|registry|register|slapped|received|assigned|stripped|revoked|lost|verified)$"
    ),
    "ru": re.compile(
        r"^(?:помет(?:ил|ила|или|ило|ка|ку|ки|кой)|промаркирова\w+|маркирова\w+|маркировк\w+|присвои\w+|призна(?:л|ла|ли|ло|н|на|но|ны)|внес(?:ла|ли|ло|ен|ена|ены)?|включи(?:л|ла|ли|ло)|включен\w*|получил[аио]?|"
        r"плашк\w+|метк(?:а|у|и|ой)|отметк(?:а|у|и|ой)|ярлык\w*|лейбл\w*|значок|значка|статус\w*|перечень|перечня|лишил(?:ся|ась|ось|и|ись)|снял[аи]?|убрал[аи]?|объяви(?:л|ла|ли|ло)|объявлен\w*|заклейми\w+|обозначи\w+|реестр\w*|верифицир\w+|позначк\w+|позначив)$"
    ),
}
_WEAK_NOUN = re.compile(
    r"^(?:sign|stamp|warning|notice|word|inscription|предупреждени[еяю]|надпис[ьи]|слово|слова|шильдик\w?)$"
)
"""Words for a mark that mean much else: they count only right beside it."""
_REMOVAL = re.compile(
    r"^(?:remov(?:ed|es|ing)|lifted|dropped|withdrew|withdrawn|stripped|revoked|lost|loses|снял[аи]?|сняты?|снята|снято|убрал[аи]?|убран[аоы]?|исчезла|пропала|лишил(?:ся|ась|ось|и|ись)|отозвал[аи]?)$"
)
_SETTING = re.compile(
    r"^(?:brand|label+|designat|declar|flag|tagg|classif|recogni|slapp|assign|received|added|помети|промаркир|маркиров|присво|призна|внес|включи|получи|объяви|заклейми|обозначи|позначив|повесил|поставил|put|gave)"
)
_STATE = re.compile(
    r"\b(?:justice ministry|ministry of justice|court|prosecutor\w*|roskomnadzor|government|authorities|kremlin|regulator|parliament|минюст\w*|суд\w{0,3}|прокурат\w+|генпрокурат\w+|роскомнадзор\w*|власт\w+|правительств\w+|министерств\w+|росфинмониторинг\w*|мін'юст\w*)\b"
)
_SILENT = re.compile(
    r"\b(?:(?:remained|stayed|kept|went|has been|been|fell) (?:\w+ )?silent|posted nothing|has not posted|did not post|no new posts|stopped posting|молч(?:ит|ал|ала|али)|не публиковал\w*|не выходил\w*|перестал\w? (?:публиковать|обновляться))\b"
)
_NOT = {"not", "never", "n't", "не", "ни", "hardly", "neither", "without", "no"}
_PEOPLE_OBJECT = re.compile(
    r"^(?:him|people|journalists?|activists?|protesters?|officer|dozens|road|street|его|людей|журналист\w+|активист\w+|дорог\w+|улиц\w+)$"
)


def find_events(words: list[Word], low: str, lang: str, has_topic: bool) -> list[Event]:
    """Every happening in one sentence. `low`: the sentence levelled, quotations included; `words`: without what is quoted.
    `has_topic`: the sentence before spoke of a post or channel."""
    language = "en" if lang == "en" else "ru"
    lows = [word.low for word in words]
    things = [at for at, word in enumerate(lows) if MEDIA_WORD[language].match(word) or is_channel_word(word)]
    found = [*_labels(words, lows, low, language)]
    labelled = {event.at for event in found}
    for at, word in enumerate(words):
        if word.kind != "word" or at in labelled:
            continue
        event = _happening(lows, at, things, language, has_topic)
        if event is not None and not any(
            other.kind == event.kind and abs(other.at - at) < 4 for other in found
        ):
            found.append(event)
    if (silent := _SILENT.search(low)) and (things or has_topic):
        offset = words[0].start if words else 0
        at = next((n for n, word in enumerate(words) if word.end - offset >= silent.end()), len(words) - 1)
        if words:
            found.append(
                Event("posts", at, max(0, at - 2), at + 1, False, "event.silence", marks=("absence",))
            )
    return sorted(found, key=lambda event: event.at)


def _denied(lows: list[str], at: int) -> bool:
    near = lows[max(0, at - 3) : at]
    # "Neither channel has been labelled": it stands before the noun.
    return any(word in _NOT or word.endswith("n't") for word in near) or bool(
        {"neither", "none"} & set(lows[max(0, at - 7) : at])
    )


def _near(things: list[int], at: int, before: int, after: int) -> bool:
    return any(-before <= thing - at <= after for thing in things)


def _happening(lows: list[str], at: int, things: list[int], lang: str, has_topic: bool) -> Event | None:
    word = lows[at]
    denied = _denied(lows, at)
    before = lows[at - 1] if at else ""
    if (
        lang == "en"
        and before in {"the", "a", "an", "to", "of", "this", "these", "its", "their", "any"}
        and word.endswith(("ed", "e", "es", "broadcast"))
    ):
        return None  # "the removed media", "failing to delete": no happening is told
    around = (max(0, at - 3), min(len(lows), at + 4))
    if _GONE[lang].match(word):
        if word in {
            "restricted",
            "blocked",
            "banned",
            "removed",
            "gone",
            "offline",
            "закрыл",
            "закрыла",
            "закрыли",
            "закрыт",
        } and not _near(things, at, 12, 5):
            return None
        follows = lows[at + 1] if at + 1 < len(lows) else ""
        if (_PEOPLE_OBJECT.match(follows) and follows not in {"его"}) or (
            word == "gone" and lows[at - 1 : at] == ["has"] and follows in {"viral", "on", "to"}
        ):
            return None
        if word in {"removed", "deleted"} and re.match(
            r"(?:label|mark|tag|badge)", " ".join(lows[at + 1 : at + 5])
        ):
            return None
        if not (_near(things, at, 14, 8) or has_topic):
            return None
        if word.startswith("удал") and follows in {"с"} and not things:
            return None
        return Event("disappearance", at, *around, denied, f"event.gone_{lang}")
    if (
        lows[at : at + 2] == ["taken", "down"]
        or lows[at : at + 2] == ["took", "down"]
        or lows[at : at + 2] == ["shut", "down"]
    ):
        if _near(things, at, 14, 8) or has_topic:
            return Event("disappearance", at, max(0, at - 3), at + 2, denied, "event.gone_en")
        return None
    if _EDIT[lang].match(word):
        objects = [
            n
            for n in range(max(0, at - 6), min(len(lows), at + 6))
            if n != at and _EDIT_OBJECT.match(lows[n])
        ]
        if objects and (things or has_topic):
            return Event("edit", at, *around, denied, f"event.edit_{lang}")
        return None
    went_up = (
        word in {"went", "gone"}
        and lows[at + 1 : at + 2] == ["up"]
        and lows[at + 2 : at + 3] in (["on"], ["late"], ["early"])
    )
    if _PUBLISH[lang].match(word) or (word in _BASE_FORMS and denied) or went_up:
        if word == "posts" and not (at and lows[at - 1] in {"channel", "account", "who"}):
            return None
        if word in {
            "показал",
            "показала",
            "показали",
            "записал",
            "записала",
            "записали",
            "emerged",
            "dropped",
            "issued",
            "shared",
        } and not _near(things, at, 6, 6):
            return None
        if (
            word.startswith(("появи", "appear", "emerged", "surfaced"))
            and lows[at + 1 : at + 2] not in (["on"], ["in"], ["в"], ["на"])
            and not any(MEDIA_WORD[lang].match(each) for each in lows[max(0, at - 8) : at + 7])
        ):
            return None  # "a mark appeared beside the channel's name"
        if _ON_AIR & set(lows[at : at + 6]):
            return None  # "was shown on television"
        if _near(things, at, 14, 10) or has_topic:
            marks = (
                ("reposted",)
                if word in {"reposted", "circulated", "leaked"} or word.startswith("репост")
                else ()
            )
            return Event("published", at, *around, denied, f"event.published_{lang}", marks=marks)
        return None
    if (lang == "ru" and MEDIA_WORD["ru"].match(word) and lows[at + 1 : at + 2] == ["от"]) or (
        lows[at + 1 : at + 3] == [",", "от"] and MEDIA_WORD["ru"].match(word)
    ):
        return Event("published", at, at, at + 2, False, "event.post_of_date")
    if (
        lang == "en"
        and MEDIA_WORD["en"].match(word)
        and lows[at + 1 : at + 3] in ([",", "from"], ["from", "last"])
    ):
        return Event("published", at, at, at + 3, False, "event.post_of_date")
    return None


def _labels(words: list[Word], lows: list[str], low: str, lang: str) -> list[Event]:
    """A mark set or taken off: a word of labelling and a known mark (quoted or not), or a mark that is quoted."""
    offset = words[0].start if words else 0
    verbs = [at for at, word in enumerate(lows) if _LABEL_VERB[lang].match(word)]
    found: list[Event] = []
    if not verbs:
        return found
    for mark in _LABEL_WORD.finditer(low):
        place = mark.start() + offset
        index = next((n for n, word in enumerate(words) if word.end > place), len(words) - 1)
        near = [at for at in verbs if -9 <= index - at <= 18 and at != index]
        near = near or [at for at in verbs if at == index and _is_verified(lows, at)]
        near = near or [
            at for at, word in enumerate(lows) if 0 < abs(index - at) <= 2 and _WEAK_NOUN.match(word)
        ]
        if not near:
            continue
        at = min(near, key=lambda verb: (abs(index - verb), verb))
        if any(event.at == at or event.label == mark[0] for event in found):
            continue
        removed = _is_removed(lows, index)
        governs = next(
            (
                n
                for n in range(index - 1, max(-1, index - 9), -1)
                if _SETTING.match(lows[n]) or _REMOVAL.match(lows[n])
            ),
            at,
        )
        authority = _authority(low, "platform" if mark["platform"] else "state")
        first, after = sorted((at, index))
        found.append(
            Event(
                "label",
                at,
                first,
                after + 1,
                _denied(lows, at) or _denied(lows, governs),
                "event.label",
                label=mark[0],
                authority=authority,
                marks=("label removed",) if removed else (),
            )
        )
    return found


def _is_removed(lows: list[str], index: int) -> bool:
    """Whether the verb that governs a mark takes it off: "removed the “fake” label", not "labelled it “fake” and removed two posts"."""
    said = [at for at, word in enumerate(lows) if _REMOVAL.match(word) or _SETTING.match(word)]
    before = [at for at in said if at < index]
    nearest = before[-1:] or said[:1]
    return bool(nearest) and abs(index - nearest[0]) <= 9 and bool(_REMOVAL.match(lows[nearest[0]]))


def _is_verified(lows: list[str], at: int) -> bool:
    """ "Is verified by Telegram": a verb and a mark in one; "verified by the Guardian" is another thing."""
    if lows[at] != "verified":
        return True
    if not {"is", "was", "been", "are", "not", "got", "become", "became"} & set(lows[max(0, at - 3) : at]):
        return False
    if not any(is_channel_word(word) for word in lows[max(0, at - 12) : at]):
        return False
    return lows[at + 1 : at + 2] != ["by"] or bool(
        {"telegram", "messenger", "platform", "app", "service"} & set(lows[at + 2 : at + 5])
    )


def _authority(low: str, nature: str) -> str:
    state = _STATE.search(low)
    if nature == "state":
        return f"state:{state[0]}" if state else "state"
    platform = platform_in(low)
    if platform is None and re.search(
        r"\bby (?:\w+ )?(?:users|readers|bloggers|activists)\b|пользовател\w+ пометил", low
    ):
        return "other"
    if platform is None and state:
        return f"state:{state[0]}"
    return f"platform:{platform}" if platform else "platform"
