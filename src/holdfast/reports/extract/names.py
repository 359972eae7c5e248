"""Finds who and what a report names: persons, channels, movements, outlets, platforms, addresses."""

from __future__ import annotations

import re
from typing import NamedTuple

from holdfast.reports.extract.quotation import Quoted
from holdfast.reports.extract.words import Word

__all__ = ["NAMING", "Name", "find_names", "gender_of", "is_channel_word"]


class Name(NamedTuple):
    """A name in the text. `kind`: channel, organisation, person, outlet, platform, place, other. `start`, `end` are of the name
    alone (inside its quotation marks). `gender` is f, m or None. `before`: the words that introduce it ("editor", "канал")."""

    text: str
    kind: str
    start: int
    end: int
    gender: str | None
    before: str


_CHANNEL_EN = "channel channels chat chats blog account accounts page group".split()
_ORGANISATION_EN = (
    "movement organisation organization party project foundation union agency newspaper outlet magazine company ngo initiative "
    "publication app service messenger platform forum newsroom collective station website portal programme program team coalition network brand band committee ministry".split()
)
_WORK_EN = "film video song documentary series book play article essay clip titled called named dubbed entitled headlined show track single album manifesto campaign rally operation".split()
_CHANNEL_RU = re.compile(
    r"^(?:канал|телеграм-канал|телеграм|чат|паблик|сообществ|групп|аккаунт|блог|страниц|ютьюб|ютуб|телеграмканал)"
)
_ORGANISATION_RU = re.compile(
    r"^(?:движени|организаци|парти|проект|фонд|союз|профсоюз|агентств|газет|издани|журнал|компани|объединени|инициатив|станци|сайт|портал|"
    r"программ|команд|коалици|сет|общин|комитет|редакци|телеканал|радио|групп|министерств|медиа|завод|фабрик|фирм|магазин|отел|театр|рух|организаці)"
)
_WORK_RU = re.compile(
    r"^(?:фильм|видео|ролик|видеоролик|песн|сериал|книг|стать|пьес|клип|расследовани|интервью|манифест|акци|кампани|операци|названи|именем|шоу|трек|альбом|передач|спектакл|роман|рубрик|реестр|хештег|хэштег|девиз|лозунг)"
)
NAMING = frozenset([*_CHANNEL_EN, *_ORGANISATION_EN, *_WORK_EN])
"""English words before a quotation that make it a title or a name."""

_PLATFORMS = {
    "telegram": "Telegram", "youtube": "YouTube", "tiktok": "TikTok", "facebook": "Facebook", "instagram": "Instagram", "twitter": "Twitter",
    "вконтакте": "VK", "телеграм": "Telegram", "телеграме": "Telegram", "телеграма": "Telegram", "ютуб": "YouTube", "тикток": "TikTok", "ютьюб": "YouTube",
    "rutube": "RuTube", "whatsapp": "WhatsApp", "мессенджер": "Telegram",
}  # fmt: skip
_OUTLET = re.compile(
    r"(?:\b(?:Times|News|Post|Gazeta|Guardian|Herald|Tribune|Journal|Press|Insider|Meduza|Reuters|Zona|BBC|CNN|AFP|Associated Press|Media|Telegraph|Star|Daily|"
    r"Mediazona|Медуза|Медиазона|Коммерсант|Ведомости|Интерфакс|Агентство|РИА|ТАСС|Новости|Газета|Радио|Дождь|Верстка|Insider|Interfax|TASS|RIA|Sota|SOTA)\b)"
)
_EN_WORD = r"(?:(?:St|Mt|Ft)\.|[A-Z]\.(?=\s[A-Z])|[A-Z][\w’'-]*\w(?:[’'ʹʼ](?=\s[A-Z]))?|[A-Z]\b)"
_RUN_EN = re.compile(rf"\b{_EN_WORD}(?:[ \u00a0](?:(?:of|the|de|van|von|al|bin|der)\s)?{_EN_WORD})*")
_RUN_RU = re.compile(
    r"\b[А-ЯЁІЇЄҐA-Z][а-яёіїєґA-Za-zА-ЯЁ’'-]+(?:[ \u00a0](?:[А-ЯЁІЇЄҐA-Z]\.[ \u00a0]?){0,2}[А-ЯЁІЇЄҐA-Z][а-яёіїєґA-Za-z’'-]+)*"
)
_NATIONS = frozenset(
    "russian ukrainian belarusian american british german french polish georgian israeli chinese european western eastern asian african english soviet moldovan latvian estonian "
    "lithuanian finnish turkish iranian syrian kazakh armenian russians ukrainians americans kremlin pro-kremlin anti-war telegram-based".split()
)
_START_WORDS = frozenset(
    "the a an in on at by for with from as but and so if when while after before since it he she they we you i this that these those its his her their our "
    "my there here what who how why where one two three four five six seven eight nine ten some many most more no not now then today yesterday however meanwhile earlier later police "
    "viewers another nobody someone between during under over about according following despite although dozens hundreds thousands tens quick remember "
    "our such both each every all any few several only even just also still yet to of or nor until unless because though first last next "
    "в во на с со к ко у о об по за из от до при для и а но или что как когда где кто чем не ни это этот эта эти его ее их он она они оно мы вы я ты мой наш "
    "вдова глава основа голова слова "
    "там тут здесь тогда потом после перед если хотя однако также уже еще только даже вчера сегодня накануне впервые два три первый первое последнее один одна прошлой сейчас "
    "впрочем кроме более менее около почти свыше среди между через над под без про ради говорят помните другой другая некоторые многие так называемый архива видео число девиз "
    "сотни десятки тысячи трое зрители угроза закрепленный ролик запись текст".split()
)
_DAYS_MONTHS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_TITLES_EN = frozenset(
    "mr mrs ms dr president mayor governor minister senator professor judge general colonel major captain chief officer editor journalist deputy director "
    "prosecutor lawyer activist blogger foreman singer organiser organizer spokesman spokeswoman spokesperson analyst historian author officer pope prince king queen".split()
)
_FEMALE = re.compile(r"(?:[oe]va|ina|aya|skaya|ska|dottir|enko-f|ова|ева|ёва|ина|ая|ская|цкая|ына)$")
_MALE = re.compile(r"(?:[oe]v|in|sky|skiy|skyi|ski|ов|ев|ёв|ин|ский|цкий|ын|ой|ый)$")
_FIRST_F = frozenset(
    "maria anna elena irina olga natalia tatiana svetlana yulia julia ekaterina ksenia oksana nadia nadezhda marina polina daria alina vera lyudmila galina alexandra sofia victoria "
    "mary sarah jane emma harriet kate marit helen laura lisa susan amy alice yana inna larisa valentina zoya "
    "мария анна елена ирина ольга наталья наталия татьяна светлана юлия екатерина ксения оксана надежда марина полина дарья алина вера людмила галина александра софья виктория яна инна "
    "лариса валентина зоя марія олена ирины марии анны".split()
)
_FIRST_M = frozenset(
    "ivan ilya anton lev petr peter oleg roman denis sergei sergey dmitry vladimir alexei alexey andrei andrey mikhail nikita nikolai pavel ruslan kirill boris igor yuri john tom james "
    "michael robert david paul mark daniel alexander alex maxim kell jake nick yevgeny evgeny viktor "
    "иван илья антон лев петр олег роман денис сергей дмитрий владимир алексей андрей михаил никита николай павел руслан кирилл борис игорь юрий александр максим евгений виктор".split()
)
_ROLE_F = re.compile(r"\b(?:widow|woman|wife|mother|daughter|sister|girl|spokeswoman|actress|policewoman|вдова|женщина|жена|мать|дочь|сестра|девушка|журналистка|активистка|певица|жительница|блогерша)\b")  # fmt: skip
_ROLE_M = re.compile(
    r"\b(?:man|husband|father|son|brother|boy|spokesman|policeman|вдовец|мужчина|муж|отец|сын|брат|певец|бригадир)\b"
)


def is_channel_word(low: str) -> bool:
    """Whether a word means a channel, chat or account."""
    return low in _CHANNEL_EN or bool(_CHANNEL_RU.match(low))


def gender_of(name: str, before: str = "") -> str | None:
    """ "f", "m" or None, by first name, surname and the role that stands before."""
    for word in name.lower().split():
        if word in _FIRST_F:
            return "f"
        if word in _FIRST_M:
            return "m"
    if _ROLE_F.search(before):
        return "f"
    if _ROLE_M.search(before):
        return "m"
    last = name.lower().rsplit(" ", 1)[-1]
    if _FEMALE.search(last):
        return "f"
    return "m" if _MALE.search(last) else None


_INNER = re.compile(r"[^\W\d_],? ([^\W\d_a-zа-яё][^\W\d_]+)")


def find_names(text: str, words: list[Word], quoted: list[Quoted], masked: str, lang: str) -> list[Name]:
    """Every name, in order. `masked` is the text with its capitals, what is quoted blanked out."""
    found = [_addressed(word) for word in words if word.kind in {"user", "url"} and _is_channel_address(word)]
    for span in quoted:
        if span.level == 0 and span.inner_end > span.inner_start:
            name = _quoted_name(text, span, lang)
            if name is not None:
                found.append(name)
    runs = _RUN_EN if lang == "en" else _RUN_RU
    inner = frozenset(match[1] for match in _INNER.finditer(masked))
    for match in runs.finditer(masked):
        name = _run_name(masked, match, lang, inner)
        if name is not None:
            found.append(name)
    found.sort(key=lambda name: (name.start, name.end))
    return found


def _is_channel_address(word: Word) -> bool:
    return word.kind == "user" or "t.me/" in word.low


def _addressed(word: Word) -> Name:
    return Name(word.raw, "channel", word.start, word.end, None, "")


def _before(text: str, at: int, count: int = 3) -> list[str]:
    """The words before a place, none from beyond a comma or a stop."""
    said = re.split(r"[,.;:!?()\n\x01]", text[max(0, at - 60) : at])[-1]
    return re.findall(r"[\w-]+", said.lower().replace("ё", "е"))[-count:]


def naming_kind(text: str, at: int) -> str | None:
    """The kind of thing that the words before a quotation name: channel, organisation, work; None for none."""
    gap = text[max(0, at - 3) : at]
    if any(sign in gap for sign in ":.!?;"):
        return None
    if "," in gap and gap.rstrip().endswith(","):
        return None
    words = _before(text, at)
    for back, word in enumerate(reversed(words)):
        if word in _CHANNEL_EN or _CHANNEL_RU.match(word):
            return "channel"
        if word in _ORGANISATION_EN or _ORGANISATION_RU.match(word):
            return "organisation"
        if word in _WORK_EN or _WORK_RU.match(word):
            return "work"
        if back >= 1 or not (
            word in {"the", "a", "под", "названием", "по", "имени"}
            or word.endswith(("ий", "ый", "ой", "ого", "ая"))
        ):
            break
    return None


def _quoted_name(text: str, span: Quoted, lang: str) -> Name | None:
    inner = text[span.inner_start : span.inner_end]
    if len(inner) > 80 or "\n" in inner:
        return None
    kind = naming_kind(text, span.start)
    words = inner.split()
    if kind is None:
        if not words or not words[0][:1].isupper() or len(words) > 4 or inner[-1:] in ".,!?…":
            return None
        following = text[span.end : span.end + 24].lower()
        if re.match(r"\s+(?:telegram\s+|youtube\s+)?(?:channel|chat|group|page|account)", following):
            kind = "channel"
        elif lang == "en" and not all(word[:1].isupper() or word in {"of", "the", "and"} for word in words):
            return None
        else:
            kind = "other"
    before = " ".join(_before(text, span.start, 2))
    return Name(inner, "other" if kind == "work" else kind, span.inner_start, span.inner_end, None, before)


def _run_name(masked: str, match: re.Match[str], lang: str, inner: frozenset[str]) -> Name | None:
    """The name in a run of capitals. `inner`: words that have a capital inside sentences too."""
    start, said = match.start(), re.sub(r"[’']s$", "", match[0])
    words = said.split(" ")
    low = [word.lower() for word in words]
    drop = 0
    while drop < len(words) and (
        low[drop] in _START_WORDS
        or low[drop] in _DAYS_MONTHS
        or (low[drop] in _TITLES_EN and len(words) > drop + 1)
    ):
        drop += 1
    first_name = next((at for at in range(drop, len(words) - 1) if low[at] in _FIRST_F | _FIRST_M), None)
    if first_name:
        drop = first_name  # «Журналистка Юлия Марченко», "Prime Minister Ivan Petrov"
    elif len(words) - drop >= 3 and re.fullmatch(r"[^\W\d_]+-[a-zа-яё]+", words[drop]):
        drop += 1  # «IT-эксперт Мона Архипова»
    elif (
        lang != "en"
        and len(words) - drop > 2
        and not drop
        and _starts_sentence(masked, start)
        and not low[1].endswith(("вич", "вна"))
    ):
        drop = 1
    start += sum(len(word) + 1 for word in words[:drop])
    words = words[drop:]
    while words and words[-1].lower() in _DAYS_MONTHS | {"of", "the", "and"}:
        words = words[:-1]
    if len(words) > 1 and words[-1].lower() in _PLATFORMS:
        words = words[:-1]  # "Put’ Dumoi’s Telegram channel"
        words[-1] = re.sub(r"[’']s$", "", words[-1])
    if all(word.lower() in _NATIONS for word in words):
        return None
    if not words or (len(words) == 1 and not _names_alone(masked, words[0], start, inner)):
        return None
    said = " ".join(words)
    end = start + len(said)
    before = " ".join(_before(masked, start, 3))
    kind = _kind(masked, said, said.lower(), before, end, lang)
    return Name(said, kind, start, end, gender_of(said, before) if kind == "person" else None, before)


def _names_alone(masked: str, word: str, start: int, inner: frozenset[str]) -> bool:
    """Whether one capital word is a name: not when its capital is only that of the sentence."""
    if len(word) < 2 or word.lower() in _TITLES_EN:
        return False
    if not _starts_sentence(masked, start) or not word[1:].islower():
        return True
    low = word.lower()
    return word in inner or bool(_SURNAME.search(low)) or low in _FIRST_F | _FIRST_M or low in _PLATFORMS


_SURNAME = re.compile(r"(?:[oe]va?|enko|sky|skaya|ова?|ева?|енко|ский|ская|ина?|чук)$")


def _starts_sentence(masked: str, at: int) -> bool:
    near = masked[max(0, at - 3) : at]
    before = near.rstrip()
    return not before or before[-1] in '.!?…\x01»”"' or "\n" in near


_PLACE = re.compile(r"\b(?:in|at|from|near|to|outside|across|of|в|во|из|под|близ|около)$")


def _kind(masked: str, said: str, low: str, before: str, end: int, lang: str) -> str:
    if low in _PLATFORMS:
        return "platform"
    following = masked[end : end + 24].lower()
    last = before.rsplit(" ", 1)[-1] if before else ""
    words = low.split()
    if len(words) > 1 and (words[0] in _FIRST_F or words[0] in _FIRST_M):
        return "person"
    if (
        last in _CHANNEL_EN
        or _CHANNEL_RU.match(last)
        or re.match(r"(?:[’']s)?\s+(?:telegram |youtube |tiktok |own )?(?:channel|chat\b|account)", following)
    ):
        return "channel"
    if _OUTLET.search(said):
        return "outlet"
    if last in _ORGANISATION_EN or _ORGANISATION_RU.match(last):
        return "organisation"
    if any(word in _FIRST_F or word in _FIRST_M for word in words) or last in _TITLES_EN:
        return "person"
    if len(words) == 1 and _PLACE.search(before):
        return "place"
    if (
        re.search(r"(?:[oe]va|[oe]v|enko|sky|skaya|ова|ев|ов|ева|енко|ский|ская|ина|чук)$", words[-1])
        and len(words) <= 3
    ):
        return "person"
    return "person" if len(words) in {2, 3} and lang != "en" and last not in {"в", "на"} else "other"


def platform_in(low: str) -> str | None:
    """The platform that a levelled text names first."""
    for word in re.findall(r"[^\W\d_]+", low):
        if word in _PLATFORMS:
            return _PLATFORMS[word]
    return None
