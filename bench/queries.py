"""Two fixed sets of 200 queries over the texts of an export: the same texts and seed give the same queries.

`make_queries`, what is asked: words as they come in the running text of random posts, because people search an archive for
what its posts speak of. A word that stands in 500 posts is drawn 500 times as often as one that stands once. The 50
commonest words (`и`, `the`) are left out, unless inside a phrase: nobody asks for them alone. That is to the advantage
of SQLite, which is slowest there.

60 single words; those of at least 20 posts, a page of results, are called common, the others rare
50 pairs of words of one post
50 phrases of two or three words in a row, with at least one that is not among the 50
20 beginnings: half of a word, but three letters at least
20 words in Latin letters for words that stand in Cyrillic (where a program finds only what was typed, it is asked for the
   Cyrillic form, which is what its user would have to type)

`make_spread_queries`, an even spread: the single words have ranks on a logarithmic scale from the commonest to one that
stands once, so that most are rarer than what people ask for. Pairs, phrases (two to four words) and beginnings
are drawn from running text too, function words included.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

WORD = re.compile(r"[^\W\d_]{2,}")
FUNCTION_WORDS = 50
"""So many of the commonest words are taken for words that nobody asks for alone."""
PAGE = 20
"""Posts that a page of results shows."""
# BGN/PCGN for single letters, which is what an English-language report would print.
LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya".split(" "),
        strict=True,
    )
)


@dataclass(frozen=True)
class Query:
    """One question, in the words of each program."""

    kind: str
    holdfast: str
    fts5: str


def to_latin(word: str) -> str:
    return "".join(LATIN.get(letter, letter) for letter in word)


def quoted(words: Sequence[str]) -> str:
    """A phrase as both programs write it."""
    return '"' + " ".join(words) + '"'


def is_cyrillic(word: str) -> bool:
    return len(word) >= 5 and set(word) <= LATIN.keys()


class _Drawing:
    """Texts cut into words, and queries of each kind drawn from them without repeating one."""

    def __init__(self, texts: Sequence[str], seed: int) -> None:
        self.random = Random(seed)
        words = [[word.lower() for word in WORD.findall(text)] for text in texts]
        self.ranked = [word for word, _ in Counter(word for post in words for word in post).most_common()]
        self.post_counts = Counter(word for post in words for word in set(post))
        self.posts = [post for post in words if len(post) >= 6]
        self.queries: dict[Query, None] = {}

    def fill(self, kinds: Sequence[str], count: int, make: Callable[[], tuple[str, str, str] | None]) -> None:
        """`count` more queries of some kinds, each (kind, ours, theirs); fewer where the texts do not yield them."""
        target = sum(query.kind in kinds for query in self.queries) + count
        for _ in range(count * 40):
            if sum(query.kind in kinds for query in self.queries) == target:
                return
            made = make()
            if made is not None:
                self.queries.setdefault(Query(*made))

    def phrase(self, lengths: Sequence[int]) -> list[str]:
        post, length = self.random.choice(self.posts), self.random.choice(lengths)
        start = self.random.randrange(len(post) - length + 1)
        return post[start : start + length]

    def beginning(self, word: str) -> tuple[str, str, str]:
        start = word[: max(3, len(word) // 2)]
        return "beginning", f"{start}*", f"{quoted([start])}*"


def make_queries(texts: Sequence[str], seed: int = 1) -> list[Query]:
    """The 200 queries that stand for what is asked, or fewer for texts of too few words. Shapes: `texts` in post order."""
    drawing = _Drawing(texts, seed)
    random, posts = drawing.random, drawing.posts
    functional = set(drawing.ranked[:FUNCTION_WORDS])

    def running() -> str | None:
        word = random.choice(random.choice(posts))
        return None if word in functional else word

    def single() -> tuple[str, str, str] | None:
        word = running()
        if word is None:
            return None
        kind = "common word" if drawing.post_counts[word] >= PAGE else "rare word"
        return kind, word, quoted([word])

    def pair() -> tuple[str, str, str] | None:
        one, other = random.sample(random.choice(posts), 2)
        if one == other or one in functional or other in functional:
            return None
        return "two words", f"{one} {other}", f"{quoted([one])} {quoted([other])}"

    def phrase() -> tuple[str, str, str] | None:
        words = drawing.phrase((2, 3))
        return None if functional.issuperset(words) else ("phrase", quoted(words), quoted(words))

    def beginning() -> tuple[str, str, str] | None:
        word = running()
        return None if word is None else drawing.beginning(word)

    def latin() -> tuple[str, str, str] | None:
        word = running()
        return ("other script", to_latin(word), quoted([word])) if word and is_cyrillic(word) else None

    if posts:
        drawing.fill(("common word", "rare word"), 60, single)
        drawing.fill(("two words",), 50, pair)
        drawing.fill(("phrase",), 50, phrase)
        drawing.fill(("beginning",), 20, beginning)
        drawing.fill(("other script",), 20, latin)
    return list(drawing.queries)


def make_spread_queries(texts: Sequence[str], seed: int = 1) -> list[Query]:
    """200 queries of which the single words are spread evenly over all frequencies. Shapes: as `make_queries`."""
    drawing = _Drawing(texts, seed)
    random, posts, ranked = drawing.random, drawing.posts, drawing.ranked
    if not posts:
        return []
    steps = 60
    for step in range(steps):  # the first and the last among them
        word = ranked[min(len(ranked) - 1, round(len(ranked) ** (step / (steps - 1))) - 1)]
        drawing.queries.setdefault(Query("word", word, quoted([word])))

    def single() -> tuple[str, str, str]:
        word = random.choice(ranked)
        return "word", word, quoted([word])

    def pair() -> tuple[str, str, str]:
        one, other = random.sample(random.choice(posts), 2)
        return "two words", f"{one} {other}", f"{quoted([one])} {quoted([other])}"

    def phrase() -> tuple[str, str, str]:
        said = quoted(drawing.phrase((2, 3, 4)))
        return "phrase", said, said

    cyrillic = [word for word in ranked if is_cyrillic(word)]

    def latin() -> tuple[str, str, str]:
        word = cyrillic[int(len(cyrillic) * random.random() ** 3)]
        return "other script", to_latin(word), quoted([word])

    drawing.fill(("word",), steps - len(drawing.queries), single)
    drawing.fill(("two words",), 50, pair)
    drawing.fill(("phrase",), 50, phrase)
    drawing.fill(("beginning",), 20, lambda: drawing.beginning(random.choice(random.choice(posts))))
    if cyrillic:
        drawing.fill(("other script",), 20, latin)
    return list(drawing.queries)
