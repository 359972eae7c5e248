"""Reads a word of any script as a sound skeleton, the same for every common romanisation.

A skeleton is a string over one-letter sounds: `š` is sh, щ, сч and German sch; `č` ch, ч, tsch, tch; `ž` zh, ж; `x` kh, х;
`c` ts, tz, ц; every y, j, й, ы is `i`. What romanisations disagree about is levelled: е = ё = ye = je =
yo; ии = iy = yy = ij; ия = iya = ia; soft and hard signs vanish; doubled consonants count once, unless half of the word or
more would go with them (СССР is no ср, zzzz no z). Words of up to three sounds keep their letters as they are.

Latin words can be read in more than one way (`Chruschtschow` as German, `Tchekhov` as French, `Luhansk` as Ukrainian), so
a word has one skeleton or more; two words meet when they share one.

Not levelled, because precision would pay for it: sounds that differ between the languages themselves (Андрей and
Андрій, Николаев and Миколаїв), except for the places in `_SAME_PLACE`; German s for з (Selenskyj); Bulgarian щ as
sht; Serbian letters without their marks (Vucic); Arabic and Hebrew vowels that their scripts do not write. Simplified
and traditional Han characters do not meet either: no library kept here maps them.
"""

from __future__ import annotations

import re

import anyascii

from holdfast.search.words import is_single

__all__ = ["readings"]

_CYRILLIC = str.maketrans(
    {
        **dict(zip("абвгґдезийклмнопрстуфхцчшщыэ", "abvggdezijklmnoprstufxcčššie", strict=True)),
        **dict(zip("ёжіўјѓќђћѕѣѐѝ", "ežiujgkdczeei", strict=True)),
        "ю": "ju",
        "я": "ja",
        "ї": "ji",
        "є": "e",
        "љ": "lj",
        "њ": "nj",
        "џ": "dž",
        "ь": "",
        "'": "",
    }
)
_is_cyrillic = re.compile("[а-яѐ-џґѣ']+").fullmatch
_SERBIAN = re.compile("[ђћљњџј]")
_HARD_SIGN = re.compile(
    "ъ(?![аеёиоуыэюяієї])(?=.)"
)  # a vowel in Bulgarian; elsewhere it stands before vowels only

# Letters of the scholarly systems (ISO 9, Gaj, Czech, Turkish) that have a sound of their own.
_MARKED = str.maketrans({"ŝ": "š", "ş": "š", "ș": "š", "ż": "ž", "ß": "ss", "'": ""})
_ISO_9 = str.maketrans({"â": "ja", "û": "ju", "è": "e"})
_BARE = str.maketrans("čšž", "csz")
_LATIN = re.compile(
    "shch|šč|schtsch|stsch|chtch|sch|sh|szcz|tsch|tch|ch|kh|zh|ts|tz(?!h)|ph|gh|ck|x|q|h|y(?=[aeiou])|y|ʒ"
)
_LATIN_SOUNDS = {
    **dict.fromkeys(("shch", "šč", "schtsch", "stsch", "chtch", "sch", "sh", "szcz"), "š"),
    **dict.fromkeys(("tsch", "tch", "ch"), "č"),
    "kh": "x",
    "h": "x",
    "zh": "ž",
    "ts": "c",
    "tz": "c",
    "ph": "f",
    "gh": "g",
    "ck": "k",
    "x": "ks",
    "q": "k",
    "y": "i",
    "ʒ": "z",  # a z that `_other_readings` keeps apart from the t before it
}
_FINAL_FF = re.compile("(?<=..[eo])ff$")

_GERMAN = re.compile("sch|^jelz|(?<=....)[eoi]w$|[eoi]w(?:a|sk[aiy]\\w*)$")
_GERMAN_SOUNDS = re.compile("schtsch|stsch|tsch|sch|ch|w|^jelz")
_GERMAN_TO_ENGLISH = {"tsch": "tch", "ch": "kh", "w": "v", "jelz": "elts"}
_FRENCH = re.compile("ou|tch|(?<=..[tlsk])ine$")
_FRENCH_SOUNDS = re.compile("chtch|tch|ch|j(?=[aeou])|ou|(?<=..[tlsk])ine$")
_FRENCH_TO_ENGLISH = {"tch": "tch", "ou": "u", "ine": "in", "j": "zh"}
_UKRAINIAN_H = re.compile("(?<![cgkpstwz])h(?=[aeiouyrln]|$)")

_glides = re.compile("jo").sub
_after_sibilant = re.compile("(?<=[šžč])o").sub
_soft_e = re.compile("[ij]+e").sub
_doubled = re.compile(r"([^\W\daeiou])\1+").sub
_long_i = re.compile("(?<=[aeou])ii+|ii+(?=[aeou]|$)").sub  # Юлия, Зеленский; but not війна
_NEEDS_WORK = re.compile(r"j|ts|i[ie]|[šžč]o|nder|([^\W\daeiou])\1")

# Places whose names differ between Russian and Ukrainian by more than spelling: skeletons of both, and of stems.
_SAME_PLACE = {
    "kiiv": "kev",
    "xarkiv": "xarkov",
    "lviv": "lvov",
    "dnipro": "dnepr",
    "dnipr": "dnepr",
    "mikolaiv": "nikolaev",
    "mikolaev": "nikolaev",
    "černigiv": "černigov",
    "černixiv": "černigov",
    "rivne": "rovno",
    "rivn": "rovno",
    "zaporiža": "zaporože",
    "zaporižia": "zaporože",
    "zaporiže": "zaporože",
    "vinicia": "vinica",
    "černivci": "černovci",
    "ternopil": "ternopol",
    "avdiivka": "avdeevka",
    "kropivnickii": "kropivnicki",
    "krivii": "krivoi",
    "kew": "kev",
    "bulgaria": "balgaria",
}


def readings(form: str) -> tuple[str, ...]:
    """The skeletons of a word in its exact form, likeliest first, without stemming.

    A word that has no sounds (a number, an emoji) is its own skeleton.
    """
    if _is_cyrillic(form):
        sounds = _cyrillic_sounds(form)
        first = _reduced(sounds) or form
        if _SERBIAN.search(form) and (bare := _reduced(sounds.translate(_BARE))) != first:
            return (first, bare)
        return (first,)
    spellings = _latin_spellings(form)
    if not spellings:
        return (_digits(form),)
    found: list[str] = []
    for spelling in spellings:
        skeleton = _reduced(_LATIN.sub(_latin_sound, _FINAL_FF.sub("v", spelling)))
        if skeleton not in found:
            found.append(skeleton)
    return tuple(found) if found[0] else (form,)


def _digits(form: str) -> str:
    """A number in the digits 0-9, anything else as it is."""
    return anyascii.anyascii(form) if form.isdigit() and not form.isascii() else form


def _cyrillic_sounds(form: str) -> str:
    if "ъ" in form:
        form = _HARD_SIGN.sub("а", form).replace("ъ", "")
    if "ьо" in form:
        form = form.replace("ьо", "йо")
    return form.translate(_CYRILLIC)


def _latin_spellings(form: str) -> list[str]:
    """The ways a word that is not Cyrillic can be spelt with a-z, š, č, ž; none where it has no letters."""
    if form.isascii():
        bare = form.replace("'", "")
        if not bare or bare.isdigit():
            return []
        return [bare, *_other_readings(bare)] if len(bare) > 3 else [bare]
    marked = _to_latin(form.translate(_MARKED))
    if form[0] >= "\u0250":
        if is_single(form[0]) or not any(map(str.isalpha, form)):
            return []
        return [marked]  # another script: what follows are habits of Latin spelling
    spellings = [marked]
    if "â" in form or "û" in form:
        spellings.append(_to_latin(form.translate(_MARKED).translate(_ISO_9)))
    if not marked.isascii():
        if "ch" in marked:
            spellings.append(marked.replace("ch", "kh"))
        spellings.append(marked.translate(_BARE))
    if len(marked) > 3:
        spellings += _other_readings(marked)
    return spellings


def _to_latin(form: str) -> str:
    """Any script to a-z, š, č, ž, a code point at a time; empty where anyascii reads nothing."""
    if form.isascii():
        return form
    read = []
    for character in form:
        if character.isascii() or character in "ščž":
            read.append(character)
        elif _is_cyrillic(character):
            read.append(_cyrillic_sounds(character))
        else:
            latin = anyascii.anyascii(character).lower().replace("'", "").replace("`", "")
            read.append(latin.replace("w", "v") if "\u0530" <= character <= "\u058f" else latin)
    return "".join(read)


def _latin_sound(match: re.Match[str]) -> str:
    text = match.group()
    if text == "y" and match.string[match.end() : match.end() + 1] in ("a", "e", "i", "o", "u"):
        return "j"
    return _LATIN_SOUNDS[text]


def _other_readings(form: str) -> list[str]:
    """The word respelt in the English manner, once for each other manner it bears marks of."""
    found = []
    if _GERMAN.search(form):
        found.append(_GERMAN_SOUNDS.sub(lambda m: _GERMAN_TO_ENGLISH.get(m.group(), "sh"), form))
    if _FRENCH.search(form):
        found.append(_FRENCH_SOUNDS.sub(lambda m: _FRENCH_TO_ENGLISH.get(m.group(), "sh"), form))
    if "h" in form and (len(form) > 5 or form[0] != "h"):
        hard = _UKRAINIAN_H.sub("g", form)
        if hard != form:
            found.append(hard)
    if "tz" in form:
        found.append(form.replace("tz", "tʒ"))  # отзыв; ц is the likelier
    return found


def _reduced(sounds: str) -> str:
    """Levels what romanisations disagree about; the alphabet is that of the tables above."""
    if "sč" in sounds:
        sounds = sounds.replace("sč", "š")  # счастье is said, and in Latin letters often written, as щастье
    if len(sounds) <= 3:
        return sounds.replace("j", "i")
    if _NEEDS_WORK.search(sounds):
        if "ts" in sounds:
            sounds = sounds.replace("ts", "c")
        sounds = _after_sibilant("e", _glides("e", sounds))
        sounds = _soft_e("e", sounds).replace("j", "i")
        single = _doubled(r"\1", sounds)
        if 2 * len(single) > len(sounds):
            sounds = single
        sounds = _long_i("i", sounds).replace("iii", "ii")
        if sounds.endswith("nder"):
            sounds = sounds[:-2] + "r"  # Alexander, Александр
    return _SAME_PLACE.get(sounds, sounds)
