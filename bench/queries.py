"""A fixed set of 200 queries over the texts of an export: the same texts and seed give the same queries.

60 single words of every frequency, from the commonest to one that stands once
50 pairs of words of one post
50 phrases of two to four words in a row
20 beginnings of words
20 words in Latin letters for words that stand in Cyrillic (SQLite is asked for the Cyrillic form, which is
   what its user would have to type, since it finds nothing otherwise)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

WORD = re.compile(r"[^\W\d_]{2,}")
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


def _quoted(words: Sequence[str]) -> str:
    return '"' + " ".join(words) + '"'


def make_queries(texts: Sequence[str], seed: int = 1) -> list[Query]:
    """200 queries, or fewer for texts of too few words. Shapes: `texts` in post order."""
    random = Random(seed)
    words = [[word.lower() for word in WORD.findall(text)] for text in texts]
    ranked = [word for word, _ in Counter(word for post in words for word in post).most_common()]
    posts = [post for post in words if len(post) >= 6]
    if not posts:
        return []
    queries: dict[Query, None] = {}

    def add(kind: str, holdfast: str, fts5: str) -> None:
        queries.setdefault(Query(kind, holdfast, fts5))

    def fill(kind: str, count: int, make: object) -> None:
        assert callable(make)
        target = sum(query.kind == kind for query in queries) + count
        for _ in range(count * 20):
            if sum(query.kind == kind for query in queries) == target:
                return
            holdfast, fts5 = make()
            add(kind, holdfast, fts5)

    steps = 60
    for step in range(steps):  # ranks on a logarithmic scale, the first and the last among them
        word = ranked[min(len(ranked) - 1, round(len(ranked) ** (step / (steps - 1))) - 1)]
        add("word", word, _quoted([word]))
    fill("word", steps - len(queries), lambda: (word := random.choice(ranked), _quoted([word])))

    def pair() -> tuple[str, str]:
        one, other = random.sample(random.choice(posts), 2)
        return f"{one} {other}", f"{_quoted([one])} {_quoted([other])}"

    def phrase() -> tuple[str, str]:
        post = random.choice(posts)
        length = random.choice((2, 3, 4))
        start = random.randrange(len(post) - length + 1)
        said = _quoted(post[start : start + length])
        return said, said

    def beginning() -> tuple[str, str]:
        word = random.choice(random.choice(posts))
        start = word[: max(3, len(word) // 2)]
        return f"{start}*", f"{_quoted([start])}*"

    cyrillic = [word for word in ranked if len(word) >= 5 and set(word) <= LATIN.keys()]

    def latin() -> tuple[str, str]:
        word = cyrillic[int(len(cyrillic) * random.random() ** 3)]
        return to_latin(word), _quoted([word])

    fill("two words", 50, pair)
    fill("phrase", 50, phrase)
    fill("beginning", 20, beginning)
    if cyrillic:
        fill("other script", 20, latin)
    return list(queries)
