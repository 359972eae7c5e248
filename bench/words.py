"""A made-up vocabulary that behaves like Russian (and some Ukrainian, English and Chinese), from a seed.

Stems are strung from syllables, then inflected with real endings, so that a stemmer has real work.
The commonest words are real function words. Frequencies follow Zipf's law with exponent 1.
"""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

ONSETS = tuple("б в г д ж з к л м н п р с т ф х ц ч ш б в г д з к л м н п р с т ст пр тр кр сл гр".split())
VOWELS = tuple("а а а о о о е е и и у я ю ы".split())
CODAS = ("",) * 12 + ("н", "р", "л", "с", "й", "нд", "ст", "рн")

NOUN_HARD = ("", "а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах")
NOUN_SOFT = ("ь", "я", "ю", "ем", "е", "и", "ей", "ям", "ями", "ях")
NOUN_FEMALE = ("а", "ы", "е", "у", "ой", "", "ам", "ами", "ах")
NOUN_ACTION = ("ение", "ения", "ению", "ением", "ении", "ений", "ениям", "ениями", "ениях")
ADJECTIVE = ("ый", "ого", "ому", "ым", "ом", "ая", "ой", "ую", "ое", "ые", "ых", "ыми")
ADJECTIVE_SKI = (
    "ский",
    "ского",
    "скому",
    "ским",
    "ском",
    "ская",
    "ской",
    "скую",
    "ское",
    "ские",
    "ских",
    "скими",
)
VERB = ("ать", "аю", "аешь", "ает", "аем", "аете", "ают", "ал", "ала", "ало", "али", "ай", "айте", "ая")
VERB_SOFT = ("ить", "ю", "ишь", "ит", "им", "ите", "ят", "ил", "ила", "ило", "или", "и", "ив")
PARADIGMS = (
    NOUN_HARD, NOUN_HARD, NOUN_SOFT, NOUN_FEMALE, NOUN_FEMALE, NOUN_ACTION,
    ADJECTIVE, ADJECTIVE_SKI, VERB, VERB_SOFT,
)  # fmt: skip

FUNCTION_WORDS = tuple(
    "и в не на что с по как из у за от к для о же а но это до мы они все так его то при или только под"
    " их был со было уже ещё если после бы есть нас".split()
)
UKRAINIAN_FUNCTION_WORDS = tuple(
    "і в не на що з та як із у за від до для про же а але це ми вони все так".split()
)
UKRAINIAN_ENDINGS = (
    "ський",
    "ського",
    "ська",
    "ення",
    "енням",
    "ість",
    "ості",
    "ами",
    "ах",
    "ові",
    "ів",
    "ти",
    "ють",
)
ENGLISH_WORDS = tuple(
    "the of and to in a is that for it was on are with as his they at be this from have or by one had"
    " not but what all were when we there can an your which their said if do will each about how up out"
    " them then she many some so these would other into has more her two like him see time could no make"
    " than first been its who now people my made over did down only way find use may water long little"
    " very after words called just where most know report city road house school water market bridge"
    " river station winter morning evening channel witness letter court lawyer family soldier mother"
    " village hospital shelter border office council statement photograph".split()
)
HAN_FIRST, HAN_COUNT = 0x4E00, 2500


def syllable(random: Random) -> str:
    return random.choice(ONSETS) + random.choice(VOWELS) + random.choice(CODAS)


def stem(random: Random) -> str:
    """One or two syllables and a consonant, ready for an ending."""
    body = "".join(syllable(random) for _ in range(random.choice((1, 1, 1, 2, 2))))
    return body + random.choice(ONSETS)


def inflected_forms(random: Random, count: int) -> list[str]:
    """`count` distinct forms in random order; forms of one stem are spread over all frequencies."""
    forms: dict[str, None] = {}
    while len(forms) < count:
        body = stem(random)
        for ending in random.choice(PARADIGMS):
            forms[body + ending] = None
    chosen = list(forms)[:count]
    random.shuffle(chosen)
    return chosen


@dataclass(frozen=True)
class Vocabulary:
    """Words by falling frequency: the word of rank r is drawn with a weight of 1/r."""

    words: list[str]
    weights: list[float] = field(repr=False)

    @classmethod
    def of(cls, words: list[str]) -> Vocabulary:
        return cls(words, list(accumulate(1 / rank for rank in range(1, len(words) + 1))))

    def draw(self, random: Random, count: int) -> list[str]:
        words, weights, uniform = self.words, self.weights, random.random
        total, last = weights[-1], len(words) - 1
        return [words[bisect(weights, uniform() * total, 0, last)] for _ in range(count)]


def russian(random: Random, form_count: int = 80_000) -> Vocabulary:
    forms = inflected_forms(random, form_count - len(FUNCTION_WORDS))
    return Vocabulary.of([*FUNCTION_WORDS, *forms])


def ukrainian(random: Random, form_count: int = 8_000) -> Vocabulary:
    forms: dict[str, None] = dict.fromkeys(UKRAINIAN_FUNCTION_WORDS)
    while len(forms) < form_count:
        forms[stem(random).replace("ы", "и").replace("э", "є") + random.choice(UKRAINIAN_ENDINGS)] = None
    return Vocabulary.of(list(forms))


def english(random: Random, form_count: int = 6_000) -> Vocabulary:
    forms: dict[str, None] = dict.fromkeys(ENGLISH_WORDS)
    latin = str.maketrans("абвгдежзийклмнопрстуфхцчшыюя", "abvgdejziyklmnoprstufhccsyua")
    while len(forms) < form_count:
        forms[stem(random).translate(latin) + random.choice(("", "s", "ed", "ing", "er", "ly", "tion"))] = (
            None
        )
    return Vocabulary.of(list(forms))


def chinese(random: Random) -> Vocabulary:
    """Words of one to three characters; text is written without spaces between them."""
    words: dict[str, None] = {}
    while len(words) < 4_000:
        length = random.choice((1, 2, 2, 2, 3))
        words["".join(chr(HAN_FIRST + int(random.random() ** 2 * HAN_COUNT)) for _ in range(length))] = None
    return Vocabulary.of(list(words))
