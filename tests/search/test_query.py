"""What is found, in which order, and that nothing that should be found is lost."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.errors import UsageError
from holdfast.search import widening
from holdfast.search.folding import any_keys, prepare, stems, words
from holdfast.search.grammar import All, Either, Node, Not, Term
from holdfast.search.index import IndexRow, SearchIndex
from holdfast.search.query import Match, parse_query, search
from holdfast.search.widening import number_variants

DAY = 86_400
START = 1_701_388_800  # 2023-12-01T00:00:00Z

TEXTS = {
    "1": "Путь домой: вдова мобилизованного записала обращение в Бердянске",
    "2": "Put' Domoi, a movement of soldiers' wives from Berdyansk",
    "3": "Шлях додому. Бердянськ, Київ, Зеленський",
    "4": "Бердянск сегодня. Канал набрал 38 000 подписчиков",
    "5": "over 38,000 followers; 38000 views",
    "6": "今天人民网发布了新闻",
    "7": "วันนี้ภาษาไทยง่ายมาก",
    "8": "قال مُحَمَّد إن والكتاب جديد",
    "9": "שָׁלוֹם לכל בני המדינה וצה״ל",
    "10": "Ишкова рассказала о муже. Ишков пожаловался",
    "11": "домой путь домой",
    "12": "コンピューター 컴퓨터 👍🏽 🇺🇦",
    "13": "https://t.me/put_domoi/12 #путь_домой",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchIndex]:
    with SearchIndex.open(tmp_path_factory.mktemp("index"), write=True) as made:
        for post, text in TEXTS.items():
            number = int(post)
            tokens, found = prepare(text)
            when = None if number == 13 else START + number * DAY
            made.add_words(found)
            made.add(
                [
                    IndexRow(
                        channel=1 + number % 2,
                        post=post,
                        revision=0,
                        entry=number,
                        element=0,
                        earliest=when,
                        latest=when if when is None or number != 4 else when + DAY,
                        has=("video",) if number % 3 == 0 else ("photo", "link") if number % 3 == 1 else (),
                        tokens=tokens,
                    )
                ]
            )
        made.commit(14)
        yield made


def channels(name: str) -> list[int]:
    return {"odd": [2], "even": [1], "both": [1, 2]}.get(name, [])


def find(index: SearchIndex, text: str, match: Match = "all", **how: object) -> list[str]:
    return [hit.post for hit in search(index, parse_query(text), match=match, channels=channels, **how).hits]  # type: ignore[arg-type]


FINDS: list[tuple[str, str]] = [
    ("Бердянск", "1 2 3 4"),
    ("berdyansk", "1 2 3 4"),
    ("Berdiansk", "1 2 3 4"),
    ("Бердянськ", "1 2 3 4"),
    ('"Put Domoj"', "1 2 11 13"),
    ('"Путь домой"', "1 2 11 13"),
    ('"домой путь"', "11"),
    ("Kiev", "3"),
    ("Zelensky", "3"),
    ("38,000", "4 5"),
    ("38000", "4 5"),
    ('"over 38000 followers"', "5"),
    ('"набрал 38,000"', "4"),
    ("新闻", "6"),
    ("民网发", "6"),
    ("网民", ""),
    ("ภาษาไทย", "7"),
    ("ภา", "7"),
    ("ษาไ", "7"),
    ("محمد", "8"),
    ("مُحَمَّد", "8"),
    ("كتاب", "8"),
    ("שלום", "9"),
    ("מדינה", "9"),
    ('צה"ל', "9"),
    ("ンピュ", "12"),
    ("컴퓨터", "12"),
    ("👍", "12"),
    ("🇺🇦", "12"),
    ("#путь_домой", "1 2 11 13"),
    ("t.me/put_domoi", "13"),
    ("moviment*", ""),
    ("move*", "2"),
    ("berdy*", "1 2 3 4"),
    ("Бердя*", "1 2 3 4"),
    ('"wives from berd*"', "2"),
    ('"wives from nowhere*"', ""),
    ("бердянск -вдова", "2 3 4"),
    ("бердянск NOT (вдова OR soldiers)", "3 4"),
    ("вдова OR Зеленский", "1 3"),
    ("вдова зеленский", ""),
    ("has:video", "3 6 9 12"),
    ("has:link бердянск", "1 4"),
    ("-has:video -has:photo", "2 5 8 11"),
    ("channel:odd бердянск", "1 3"),
    ("channel:both бердянск", "1 2 3 4"),
    ("since:2023-12-03 until:2023-12-05", "2 3 4"),
    ("since:2023-12-06 until:2023-12-06", "4 5"),
    ("until:2023-12-02", "1"),
    ("since:2023-12-13", "12"),
    ("-since:2023-12-03", "1 13"),
    ("нетакого", ""),
    ("нетакого -бердянск", ""),
]


@pytest.mark.parametrize(("text", "expected"), FINDS)
def test_a_query_finds(index: SearchIndex, text: str, expected: str) -> None:
    for sort in ("rank", "newest", "oldest"):
        assert sorted(find(index, text, sort=sort), key=int) == expected.split(), sort
    assert sorted(find(index, text, "any"), key=int) == expected.split()
    result = search(index, parse_query(text), limit=1, channels=channels)
    assert result.total == len(expected.split())
    assert not result.bounded


def test_narrower_senses_find_less(index: SearchIndex) -> None:
    assert find(index, "Бердянск", "exact") == ["4"]
    assert sorted(find(index, "Бердянск", "stem")) == ["1", "4"]
    assert find(index, "محمد", "exact") == []
    assert find(index, "مُحَمَّد", "exact") == ["8"]
    assert find(index, "محمد", "stem") == ["8"]
    assert find(index, "ишкова", "exact") == ["10"]
    assert find(index, "38000", "exact") == ["5"]
    assert find(index, "berdyan*", "exact") == find(index, "berdyan*", "stem") == ["2"]


def test_exact_hits_come_before_stemmed_before_any_script_and_say_so(index: SearchIndex) -> None:
    for limit in (1, 2, 3, 4, 20):
        hits = search(index, parse_query("Бердянск"), limit=limit, channels=channels).hits
        ranks = [(hit.post, hit.matched) for hit in hits]
        assert ranks[:2] == [("4", "exact"), ("1", "stem")][:limit]
        assert {rank for _, rank in ranks[2:]} <= {"any"}
    pages = [
        search(index, parse_query("Бердянск"), limit=1, offset=at, channels=channels, count=count)
        .hits[0]
        .post
        for at, count in zip(range(4), (True, False, True, False), strict=True)
    ]
    assert pages[:2] == ["4", "1"]
    assert sorted(pages[2:]) == ["2", "3"]
    assert search(index, parse_query("Бердянск"), offset=4, channels=channels).hits == ()


def test_hits_by_time_say_in_which_sense_they_match(index: SearchIndex) -> None:
    hits = search(index, parse_query("Бердянск"), sort="newest", channels=channels).hits
    assert [(hit.post, hit.matched) for hit in hits] == [
        ("4", "exact"),
        ("3", "any"),
        ("2", "any"),
        ("1", "stem"),
    ]
    hits = search(index, parse_query('"путь домой"'), sort="oldest", channels=channels).hits
    assert [(hit.post, hit.matched) for hit in hits][:2] == [("1", "exact"), ("2", "any")]


def test_posts_of_unknown_time_come_last_and_are_counted_beside_a_date_filter(index: SearchIndex) -> None:
    assert find(index, "путь", sort="newest") == ["11", "2", "1", "13"]
    assert find(index, "путь", sort="oldest") == ["1", "2", "11", "13"]
    result = search(index, parse_query("путь since:2023-12-10"), channels=channels)
    assert [hit.post for hit in result.hits] == ["11"]
    assert (result.total, result.undated) == (1, 1)


def test_counting_can_be_left_out(index: SearchIndex) -> None:
    counted = search(index, parse_query("Бердянск"), channels=channels)
    uncounted = search(index, parse_query("Бердянск"), channels=channels, count=False)
    assert uncounted.total is None
    assert uncounted.hits == counted.hits


def test_an_unknown_channel_is_shown_in_the_query(index: SearchIndex) -> None:
    with pytest.raises(UsageError) as caught:
        find(index, "путь channel:nobody")
    assert caught.value.message.endswith("\n" + " " * (2 + len("путь channel:")) + "^")


@pytest.mark.parametrize(("limit", "offset"), [(0, 0), (-1, 0), (20, -1), (1, 100_000), (100_001, 0)])
def test_a_window_out_of_bounds_is_a_usage_error(index: SearchIndex, limit: int, offset: int) -> None:
    with pytest.raises(UsageError):
        find(index, "путь", limit=limit, offset=offset)


def test_numbers_are_found_in_either_writing() -> None:
    assert number_variants(("38000",)) == [("38", "000")]
    assert number_variants(("38", "000")) == [("38000",)]
    assert number_variants(("1", "234", "567")) == [("1234567",)]
    assert number_variants(("over", "1234567", "a")) == [("over", "1", "234", "567", "a")]
    assert number_variants(("38",)) == number_variants(("12", "30")) == number_variants(("0123",)) == []


# -- against a search that is too simple to be wrong ---------------------------------------------

VOCABULARY = "путь пути путем put дом дома домой domoi мова мові п'ять пять 38 000 38000 人 民 محمد מדינה המדינה".split()


def naive(node: Node, text: list[str], sense: str) -> bool:
    match node:
        case All(parts):
            return all(naive(part, text, sense) for part in parts)
        case Either(parts):
            return any(naive(part, text, sense) for part in parts)
        case Not(part):
            return not naive(part, text, sense)
        case Term(wanted, prefix):
            sequences = [wanted] if sense == "exact" else [wanted, *number_variants(wanted)]
            return any(
                all(
                    meets(one, other, sense, prefix and last)
                    for one, other, last in places(sequence, text, at)
                )
                for sequence in sequences
                for at in range(len(text) - len(sequence) + 1)
            )
    raise AssertionError(node)


def places(sequence: tuple[str, ...], text: list[str], at: int) -> Iterator[tuple[str, str, bool]]:
    for place, one in enumerate(sequence):
        yield one, text[at + place], place == len(sequence) - 1


@cache
def meets(one: str, other: str, sense: str, prefix: bool) -> bool:
    if prefix:
        return other.startswith(one)
    if one == other:
        return True
    keys: Callable[[str], tuple[str, ...]] = stems if sense == "stem" else any_keys
    return sense != "exact" and not set(keys(one)).isdisjoint(keys(other))


texts = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SearchIndex, list[list[str]]]]:
    made = [list(pair) for pair in itertools.product(VOCABULARY, repeat=2)]
    made += [
        [*pair, VOCABULARY[at % len(VOCABULARY)]]
        for at, pair in enumerate(itertools.permutations(VOCABULARY[:9], 2))
    ]
    with SearchIndex.open(tmp_path_factory.mktemp("corpus"), write=True) as index:
        for number, text in enumerate(made):
            index.add_words(text)
            index.add([IndexRow(1, str(number), 0, number, 0, number, number, (), " ".join(text))])
            if number % 100 == 99:
                index.commit(number + 1)
        index.commit(len(made))
        yield index, made


leaves = st.one_of(
    st.sampled_from(VOCABULARY),
    st.lists(st.sampled_from(VOCABULARY), min_size=2, max_size=3).map(
        lambda some: '"' + " ".join(some) + '"'
    ),
)
queries = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(" ".join),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} OR {two[1]})"),
        inner.map(lambda one: f"-({one})"),
    ),
    max_leaves=4,
)


@settings(max_examples=60)
@given(queries, st.sampled_from(["exact", "stem", "any", "all"]))
def test_finds_what_a_naive_search_over_all_texts_finds(
    corpus: tuple[SearchIndex, list[list[str]]], text: str, match: Match
) -> None:
    index, made = corpus
    query = parse_query(text)
    sense = {"all": "any"}.get(match, match)
    expected = {str(number) for number, words_ in enumerate(made) if naive(query.root, words_, sense)}
    result = search(index, query, match=match, limit=1000, channels=channels)
    assert {hit.post for hit in result.hits} == expected
    assert result.total == len(expected) == len(result.hits)
    assert not result.bounded
    ranks = ["exact", "stem", "any"]
    if match != "any" and not text.startswith("-"):
        order = [ranks.index(hit.matched) for hit in result.hits]
        assert order == sorted(order)


def test_a_phrase_of_words_with_very_many_forms_loses_none(tmp_path: Path) -> None:
    # All forms sound like "vana": so many that phrases cannot be listed one by one.
    forms = [
        f"в{'ь' * before}а{'н' * middle}{'ь' * after}а"
        for before in range(4)
        for middle in range(1, 5)
        for after in range(3)
    ]
    with SearchIndex.open(tmp_path, write=True) as index:
        pairs = list(itertools.product(forms, forms[:12]))
        for number, (one, other) in enumerate(pairs):
            tokens, found = prepare(f"{one} {other}")
            index.add_words(found)
            index.add([IndexRow(1, str(number), 0, number, 0, None, None, (), tokens)])
        index.commit(len(pairs))
        result = search(index, parse_query('"vana vana"'), channels=channels)
        assert (result.total, result.bounded) == (len(pairs), False)
        assert search(index, parse_query("vana"), channels=channels).total == len(pairs)


def reference(query: Node, made: list[list[str]], sense: str) -> list[int]:
    return [number for number, text in enumerate(made) if naive(query, text, sense)]


def test_phrases_are_found_as_a_naive_search_finds_them_and_in_its_order_of_senses(
    corpus: tuple[SearchIndex, list[list[str]]],
) -> None:
    index, made = corpus
    pairs = itertools.product(VOCABULARY, repeat=2)
    for limit, pair in zip(itertools.cycle([1, 3, 20, 1000, 2]), pairs):
        query = parse_query(f'"{pair[0]} {pair[1]}"')
        levels: list[tuple[Match, set[str]]] = [
            (level, set(map(str, reference(query.root, made, level)))) for level in ("exact", "stem", "any")
        ]
        result = search(index, query, limit=limit, channels=channels)
        assert result.total == len(levels[-1][1])
        assert len(result.hits) == len({hit.post for hit in result.hits}) == min(limit, result.total)
        expected = {
            post: level for level, found in reversed(levels) for post in found
        }  # the narrowest sense in which a post answers
        assert {hit.post: hit.matched for hit in result.hits}.items() <= expected.items()
        ranks = [hit.matched for hit in result.hits]
        assert ranks == sorted(expected.values(), key=["exact", "stem", "any"].index)[: len(ranks)]


@pytest.mark.parametrize("text", ["путь", '"путь домой"', "путь домой", "put* -дом", "путь OR berdyansk"])
def test_pages_of_any_size_join_to_the_whole_list(
    corpus: tuple[SearchIndex, list[list[str]]], text: str
) -> None:
    index, _ = corpus
    query = parse_query(text)
    whole = search(index, query, limit=1000, channels=channels)
    assert whole.total == len(whole.hits) > 10
    for size in (1, 7, 20):
        pages = [
            search(index, query, limit=size, offset=at, channels=channels, count=at % 2 == 0)
            for at in range(0, len(whole.hits) + size, size)
        ]
        assert [hit for page in pages for hit in page.hits] == list(whole.hits)
        assert {page.total for page in pages} <= {whole.total, None}


def test_a_word_that_is_one_letter_over_and_over_is_not_that_letter(tmp_path: Path) -> None:
    texts = {"1": "план Z", "2": "zzzz, спит", "3": "СССР", "4": "ср, чт", "5": "Аннна", "6": "Ана"}
    with SearchIndex.open(tmp_path, write=True) as index:
        for number, (post, text) in enumerate(texts.items()):
            tokens, found = prepare(text)
            index.add_words(found)
            index.add([IndexRow(1, post, 0, number, 0, None, None, (), tokens)])
        index.commit(len(texts))
        assert find(index, "zzzz") == ["2"]
        assert find(index, "z") == ["1"]
        assert find(index, "СССР") == find(index, "sssr") == ["3"]
        assert find(index, "ср") == ["4"]
        assert sorted(find(index, "Anna")) == ["5", "6"]


def test_what_is_remembered_of_words_is_bounded_and_changes_no_answer(
    corpus: tuple[SearchIndex, list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    index, _ = corpus
    asked = ("путь", "дом", "мова", "домой", "put", "мо*", "п'ять")
    before = [find(index, word, limit=1000) for word in asked]
    assert all(before)
    monkeypatch.setattr(widening, "_MAX_REMEMBERED", 2)
    index.widened.clear()
    for word, found in zip(asked * 2, before * 2, strict=True):
        assert find(index, word, limit=1000) == found
        assert 1 <= len(index.widened) <= 2


def softened(word: str, count: int) -> list[str]:
    """So many spellings that sound like a word: signs without a sound stand in different places of it."""
    places = itertools.combinations(range(1, len(word)), 2)
    return [f"{word[:one]}ь{word[one:two]}ь{word[two:]}" for one, two in itertools.islice(places, count)]


@pytest.mark.parametrize(("count", "bounded"), [(20, False), (50, False), (110, True)])
def test_a_phrase_of_long_words_with_many_forms_loses_none_or_says_so(
    tmp_path: Path, count: int, bounded: bool
) -> None:
    first = softened("баргадантаркамбалматарпа", count)
    second = softened("зандаркампатаргалматанба", count)
    with SearchIndex.open(tmp_path, write=True) as index:
        for number, pair in enumerate(zip(first, reversed(second), strict=True)):
            tokens, found = prepare(" ".join(pair))
            index.add_words(found)
            index.add([IndexRow(1, str(number), 0, number, 0, None, None, (), tokens)])
        index.commit(count)
        result = search(
            index, parse_query(f'"{first[0]} {second[-1]}"'), limit=200, match="all", channels=channels
        )
        assert result.bounded is bounded
        assert result.hits[0].post == "0"
        assert result.hits[0].matched == "exact"
        assert result.total == len(result.hits)
        if not bounded:
            assert sorted(int(hit.post) for hit in result.hits) == list(range(count))


def test_the_vocabulary_of_the_comparison_is_in_normal_form() -> None:
    assert [words(word) for word in VOCABULARY] == [[word] for word in VOCABULARY]
