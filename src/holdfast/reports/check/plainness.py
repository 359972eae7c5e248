"""Says whether a sentence is so plain that a capture may contradict it: every word between what has a value and the value is known to change nothing.

A wrong "contradicted" does more harm than a missing one. "Blue Meadow has 900 subscribers" is plain; "Unlike Blue Meadow, the city's channel has 900
subscribers", "its second video", "half of its 900 subscribers" are not, and no list of such words would ever be whole. So the list is of those that may
stand there; any other leaves the claim not checkable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from holdfast.reports.claim import Claim
from holdfast.reports.extract.events import MEDIA_WORD
from holdfast.reports.resolve.spotting import Spot

__all__ = ["what_blurs"]

_ALWAYS = frozenset(
    # English
    "the its it this that which has have had having been was were is are be not n't doesn don didn hasn isn wasn does do did never also now already currently still only just so far today yet "
    "and but or however though by meanwhile on in to of at as for since until while time writing press publication report telegram channel s there here than then both "
    "telegram's messenger app platform according data its own named called known latest new late early "
    # Russian
    "у в во на и а но же не ни его ее её он она оно они их него нее неё них нем нём ней нем это этот эта этого этой этом был была было были есть уже сейчас теперь сегодня еще ещё всего лишь "
    "только также тоже к ко момент моменту время публикации написания с со по данным состоянию который которая которое которые которого которой которому котором которую напротив тем временем "
    "под для от новое новый последнее последний последняя свой свое телеграм телеграме телеграма telegram тг зато что собственный собственного собственное при этом далее".split()
)
_CHANNEL = re.compile(
    r"(?:телеграм-?)?канал(?:а|у|ом|е)?$|channel$|паблик(?:а|у|е)?$|telegram-channel$|telegram-канал\w{0,2}$"
)
_MANY = frozenset(
    "videos clips films posts messages statements letters photos photographs pictures images appeals interviews podcasts reels streams broadcasts articles publications comments "
    "посты посты постов записи записей ролики роликов клипы клипов фильмы фильмов снимки снимков публикации публикаций сообщения сообщений фотографии фотографий".split()
)
_COUNTED = frozenset(
    "boasts boasted counts counted numbers numbered with followed subscribed people users subscribers followers audience subscriber follower base count total stands stood reached reaches grew "
    "grown risen rose fell fallen passed hit gathered drawn drew attracted received got gotten collected amassed racked up garnered earned surpassed exceeded viewed watched seen views view reactions limped smashed "
    "mark имеет насчитывает насчитывается подписан подписаны подписано читают читает следят аудитория аудитории количество число подписчиков составляет составляло составило достигло достигла достигает "
    "превысило превышает набрал набрала набрало набрали собрал собрала собрало собрали получил получила получило посмотрели просмотрели просмотрено посмотрело просмотров реакций лайков осталось стало".split()
)
_SETTING = re.compile(
    r"(?:publish|post|releas|upload|shar|air|appear|emerg|put|went|up|out|dat)(?:ed|s|es|ing)?$|(?:опубликова|публикова|публику|выложи|выложе|размести|размеще|выпусти|вышел|вышл|вышедш|появи|опубликованн|выложенн|размещенн)\w*$"
)
_LASTS = frozenset(
    "lasts lasted lasting runs ran running long length длится длилось длился идет идёт длительность длительностью продолжительность продолжительностью хронометраж "
    "длиной".split()
)
_GONE = re.compile(
    r"(?:delet|remov|block|suspend|vanish|disappear|gone|clos|shut|taken|down|unavailabl|offline|exist)\w*$|(?:удал|заблокир|исчез|пропал|закры|недоступ|снес)\w*$"
)
_EDITED = re.compile(
    r"(?:edit|chang|alter|rewrit|rewrote|amend|correct|caption|text|later|before|after)\w*$|(?:измен|отредактир|редактир|поправ|исправ|переписа|подпис|текст|позже|потом)\w*$"
)
_MARKED = re.compile(
    r"(?:label|mark|brand|tag|flag|declar|verif|fake|scam|warning|badge|slap|put|receiv|carr|bear|strip|remov|lift|revok|lost|los|a$|an$|been)\w*$|(?:помет|помеч|отмет|плашк|метк|получил|промаркир|верифиц|фейк|скам|повес|постав|значк|знач|снял|снят|убрал|лишил)\w*$"
)
_MADE_BY = re.compile(
    r"(?<!\w)(?:recorded|filmed|made|shot|published|posted|uploaded|released|shared)\s+by\s+(?:[^\s,;—]+\s+){1,7}?(?=(?:has|have|had|was|were|is|drew|got)\s)",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"(?<!\w)(?:of|from|with|about|by|в|из|с)\s+(?:[A-ZА-ЯЁІЇЄҐ][\w’'.-]*\s*)+")
_SAID = re.compile(
    r"(?:said|says|claim(?:s|ed)|report(?:s|ed)|writes|wrote|stat(?:es|ed)|insist(?:s|ed)|утвержда\w+|заяв\w+|сообщ\w+|пиш[еу]т|писал\w*|сказал\w*|рассказал\w*),?\s+(?:that|что)(?=\s)",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r",[^,;:]*,|(?<!\w)by contrast(?!\w)|(?<!\w)an?\s+(?:whopping|staggering|mere|modest|impressive|incredible|astonishing)(?!\w)",
    re.IGNORECASE,
)
_DESCRIBED = re.compile(
    r"(?<!\w)(?!(?:an?|another|other|rival|second|third|former|fake|false|sister|new)\s)(?:the\s+)?(?!(?:fake|false|rival|second|third|other|former|sister|new)\s)[\w’'-]+\s+"
    r"(?:telegram\s+)?channel,?\s{3,}",
    re.IGNORECASE,
)
"""The channel's description right before its name, which is blanked: "the dockers' channel Blue Meadow"."""
_SUBJECT = re.compile(
    r"(?<!\w)(?:it|its|they|their|он|она|оно|его|ее|её|него|нее|неё|нем|нём|ней|channel|канал\w*|телеграм-канал\w*|audience|аудитори\w|video|clip|film|видео|ролик\w*)(?!\w)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_STOP = re.compile(r"[.,;:!?)—–»”\"\n]|\s(?:and|but|while|whereas|which|who|и|а|но|что|тогда)\s")
_EXCERPTS = re.compile(
    r"(?:excerpt|fragment|snippet|preview|trailer|teaser|part|отрыв|фрагмент|нарезк|трейлер|тизер|част)\w*",
    re.IGNORECASE,
)


def what_blurs(
    text: str, sentence: tuple[int, int], claim: Claim, spots: Sequence[Spot], others: Iterable[Claim]
) -> str | None:
    """The first word that may make a claim one about something else; None where its sentence is plain.

    `sentence`: where the claim's sentence stands; `spots`: the channels' names in it; `others`: the other claims, whose own words blur nothing.
    """
    start, end = sentence
    first, last = claim.span.start, claim.span.end
    if claim.kind in ("published", "existence", "label", "edit", "disappearance"):
        # The span of a happening is its whole clause: all of it counts.
        last = (
            claim.time_phrase.start
            if claim.time_phrase is not None and claim.time_phrase.start > first
            else last
        )
    blank = list(text[start:end])

    def erase(begin: int, stop: int) -> None:
        for at in range(max(begin, start), min(stop, end)):
            blank[at - start] = " " if blank[at - start] != "\n" else "\n"

    subject = [spot.start for spot in spots if spot.start < last]
    # "It" and "which" may stand for either of two: where a channel is named, what stands beside the name counts as well.
    mention = claim.mention
    if mention is not None and start <= mention.start < last and not (subject and mention.kind == "pronoun"):
        subject.append(mention.start)
    for spot in spots:
        erase(spot.start, spot.end)
    for other in others:
        if other.kind in ("views", "followers", "reactions", "duration"):
            erase(other.span.start, other.span.end)
        if other.time_phrase is not None:
            erase(other.time_phrase.start, other.time_phrase.end)
    if claim.time_phrase is not None:
        erase(claim.time_phrase.start, claim.time_phrase.end)
    is_value = claim.quantity is not None
    if is_value:
        erase(first, last)
    said = "".join(blank)
    begin = _boundary(said, max(subject, default=first) - start)
    stop = (first if is_value else max(last, first)) - start
    if begin > stop:
        begin = _boundary(said, stop)
    before = said[begin:stop]
    if claim.kind in ("followers", "views", "reactions") and not subject and not _SUBJECT.search(before):
        return "…"  # what has it is left out, or comes after: "Portside (500 subscribers) mocked Blue Meadow"
    if (told := _SAID.search(before)) is not None:
        before = before[told.end() :]  # what somebody said is as plain as the words they said
    before = _DESCRIBED.sub(" ", _ASIDE.sub(" ", before))
    if (word := _unknown(before, claim)) is not None:
        return word
    if not is_value:
        return None
    after = said[last - start :]
    if claim.kind == "duration":
        inside = {word.lower() for word in _WORD.findall(claim.span.exact)}
        if inside & _LASTS or any(_is_post(word) for word in inside):
            return None
        return _blurs_length(after, before)
    tail = after[: found.start()] if (found := _STOP.search(after)) else after
    return _unknown(tail, claim)


def _boundary(said: str, at: int) -> int:
    """Where the words that belong to what stands at a place begin: after the last comma, bracket or dash before it."""
    return max((said.rfind(sign, 0, max(0, at)) + 1 for sign in ",;:(—–\n"), default=0)


def _unknown(said: str, claim: Claim) -> str | None:
    said = _MADE_BY.sub(" ", said)
    # "A video of Maria Ishkova from Berdiansk": what it shows, by names.
    said = _ABOUT.sub(" ", said) if _has_post(said) else said
    for match in _WORD.finditer(said):
        word = match[0].lower()
        if not _is_known(word, claim):
            return match[0]
    return None


def _has_post(said: str) -> bool:
    return any(_is_post(word) for word in _WORD.findall(said))


def _is_post(word: str) -> bool:
    """Whether a word means a post or what it holds."""
    low = word.lower()
    return low not in _MANY and bool(MEDIA_WORD["en"].match(low) or MEDIA_WORD["ru"].match(low))


def _is_known(word: str, claim: Claim) -> bool:
    kind = claim.kind
    if word in _ALWAYS or _CHANNEL.match(word):
        return True
    if kind == "followers":
        return word in _COUNTED
    if kind == "label":
        return _MARKED.match(word) is not None
    if kind == "disappearance":
        return _GONE.match(word) is not None or _is_post(word)
    if _is_post(word) or _SETTING.match(word) or word in _LASTS:
        return True
    if kind in ("views", "reactions"):
        return word in _COUNTED
    if kind == "edit":
        return _EDITED.match(word) is not None
    # What is published or as long as told: an article before the noun is of a new post.
    return word in ("a", "an") or word in _COUNTED


def _blurs_length(after: str, before: str) -> str | None:
    """A length is a video's own right before its noun ("nine-minute video") or after a verb of lasting ("runs for nine minutes")."""
    follows = _WORD.findall(after[:40])
    if follows[:1] == ["long"]:
        follows = follows[1:]
    noun = follows[0] if follows else ""
    if _EXCERPTS.match(noun):
        return noun
    if _is_post(noun):
        return next((word for word in follows[1:2] if _EXCERPTS.match(word)), None)
    told = {word.lower() for word in _WORD.findall(before)}
    if told & _LASTS or told & {"is", "was"} or after.lstrip()[:1] in (")", ""):
        return None
    return noun or "?"
