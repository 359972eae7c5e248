"""Says whether two names may be one: across scripts and spellings, never across a surname's gender."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec
from rapidfuzz import fuzz

from holdfast.search.folding import any_keys, transliteration_keys
from holdfast.search.words import words

__all__ = [
    "EXACT",
    "LIKELY",
    "Likeness",
    "core_words",
    "gender_of_surname",
    "same_name",
    "same_word",
    "stands_in",
]

EXACT = 100
LIKELY = 88
"""Below it two names are different ones. Fitted on spellings that newspapers use: true pairs score 88 and more."""

_GENERIC = frozenset(
    "telegram telegramm телеграм телеграмм телеграма телеграме channel channels канал канала канале каналу каналом каналы chat чат чата чате group "
    "группа группы page страница account аккаунт аккаунта the a an youtube ютуб movement движение движения community сообщество project проект tg "
    "тг паблик паблика public".split()
)
"""Words that say what a name is of, not what it is."""

# Nominative surnames in each script; an oblique case is no reason to part or to join.
_FEMALE = re.compile(r"(?:ov|ev|iov|yov|in|yn)a$|(?:sk|ck|tsk)aya$|(?:ов|ев|ёв|ин|ын)а$|(?:ск|цк)ая$")
_MALE = re.compile(
    r"(?:ov|ev|yov|in|yn|off)$|(?:sk|ck|tsk)(?:y|i|ii|iy|ij)$|(?:ов|ев|ёв|ин|ын)$|(?:ск|цк)ий$"
)

_VOWELS = str.maketrans("", "", "aeiou ")


def _consonants(key: str) -> str:
    return key.translate(_VOWELS)


class Likeness(msgspec.Struct, frozen=True, gc=False):
    """How alike two names are. `score` in percent; `how`: "same", "other spelling" or "close"; `vetoes`: why not, if so."""

    score: int
    how: str
    vetoes: tuple[str, ...] = ()

    @property
    def may_be_one(self) -> bool:
        return not self.vetoes and self.score >= LIKELY


@lru_cache(maxsize=4096)
def core_words(name: str) -> tuple[str, ...]:
    """The words of a name that tell it from others: its genitive "s" and words such as "channel" left out."""
    found = []
    for word in words(name):
        bare = re.sub(r"'s$|'$", "", word)
        if bare.replace("'", "").isalnum() and bare not in _GENERIC:
            found.append(bare)
    return tuple(found)


def gender_of_surname(name: str) -> str | None:
    """ "f" or "m" by the ending of the last word, None where it does not say."""
    found = core_words(name)
    last = found[-1] if found else ""
    if len(last) < 5:
        return None
    if _FEMALE.search(last):
        return "f"
    return "m" if _MALE.search(last) else None


@lru_cache(maxsize=4096)
def _keys(name: str) -> tuple[str, ...]:
    return transliteration_keys(" ".join(core_words(name)))


@lru_cache(maxsize=16384)
def same_name(one: str, other: str, *, person: bool = False) -> Likeness:
    """How alike two names are, whatever their scripts.

    `person`: the genders of two surnames then veto (Ishkova and Ishkov are two people), and a first name that only one
    of them has does not part them. A lemma is never compared: Ишкова is also a case of Ишков.
    """
    ours, theirs = core_words(one), core_words(other)
    if not ours or not theirs:
        return Likeness(0, "close")
    vetoes: tuple[str, ...] = ()
    if person:
        genders = {gender_of_surname(one), gender_of_surname(other)}
        if genders == {"f", "m"}:
            vetoes = ("gendered surname",)
        if len(ours) != len(theirs):
            # A surname alone is compared with the other's surname.
            one, other = (ours[-1], theirs[-1]) if min(len(ours), len(theirs)) == 1 else (one, other)
            ours, theirs = core_words(one), core_words(other)
    if ours == theirs:
        return Likeness(EXACT, "same", vetoes)
    keys, others = _keys(one), _keys(other)
    if set(keys) & set(others):
        return Likeness(EXACT, "other spelling", vetoes)
    score = max((round(fuzz.ratio(key, each)) for key in keys for each in others), default=0)
    if len(ours) != len(theirs) or min(len("".join(ours)), len("".join(theirs))) < 6:
        # A part of a name, or one so short that a letter makes another of it, is no other spelling of it.
        score = min(score, LIKELY - 1)
    elif any(_apart(left, right, person) for left, right in zip(ours, theirs, strict=True)):
        score = min(score, LIKELY - 1)
    return Likeness(min(score, EXACT - 1), "close", vetoes)


# A surname's stem and its ending in any case; what an ending says of the gender, where it says anything.
_CASES = re.compile(r"(.{2,}(?:[оеё]в|[иы]н|[сц]к))(|а|у|ой|ою|ым|е|ом|ый|ий|ого|ому|им|ая|ую)")
_ENGLISH_CASES = re.compile(r"(.{2,}(?:[oe]v|[iy]n|sk|ck))(|a|aya|aia|aja|y|i|iy|ii|ij)")
_SAYS_F = frozenset("ой ою ая ую a aya aia aja".split())
_SAYS_NOTHING = frozenset("а у".split())


@lru_cache(maxsize=8192)
def _parted(word: str) -> tuple[frozenset[str], str | None]:
    """The keys of a name's word without the ending of its case, and the gender that the ending says."""
    keys = set(any_keys(word))
    found = _CASES.fullmatch(word) or _ENGLISH_CASES.fullmatch(word)
    if found is None:
        return frozenset(keys), None
    keys |= set(any_keys(found[1]))
    return frozenset(keys), "f" if found[2] in _SAYS_F else None if found[2] in _SAYS_NOTHING else "m"


def same_word(one: str, other: str) -> bool:
    """Whether two words may be one name in any script and case: Ishkova is Ишковой, and is not Ишковым."""
    ours, theirs = _parted(one), _parted(other)
    return bool(ours[0] & theirs[0]) and {ours[1], theirs[1]} != {"f", "m"}


def stands_in(name: str, text: str) -> bool:
    """Whether a person's surname (or an only name) stands in a text, in any script and case."""
    core = core_words(name)
    return bool(core) and any(
        same_word(core[-1], word.removesuffix("'s")) for word in dict.fromkeys(words(text))
    )


def _apart(left: str, right: str, person: bool) -> bool:
    """Whether two words that stand in one place of two names are different words.

    Spellings of a person's name differ in vowels; another consonant is another name (Maria, Marina).
    """
    if person:
        return not {_consonants(key) for key in _keys(left)} & {_consonants(key) for key in _keys(right)}
    best = max((fuzz.ratio(one, other) for one in _keys(left) for other in _keys(right)), default=0)
    return best < 75
