"""Checked reports are shown so that each mark leads to its card, nothing of the report acts, and others can read the records."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from holdfast.errors import UsageError
from holdfast.reports.check import CheckOptions
from holdfast.reports.checking import CheckedReport, check_report
from holdfast.reports.compare import DIFFERENCES, Comparison, compare_reports, in_order
from holdfast.reports.outputs import (
    claim_reviews,
    group_rows,
    report_page,
    reports_page,
    rows_of,
    web_annotations,
)
from holdfast.reports.outputs.annotations import digest_uri
from holdfast.reports.outputs.side_by_side import SIGNS
from holdfast.reports.transcripts import import_transcript
from holdfast.reports.verdict import Pointer
from tests.reports.archives import TRANSCRIPT, VIDEO, invented, opened, scenario_text, watched

TEXT = (
    "A headline\n\n\n"
    "Put Domoi’s Telegram channel published a nine-minute video late Thursday. Put Domoi’s Telegram channel, which has over 90,000 followers, "
    "has been branded as “fake” by Telegram.\n"
    "“Look <script>alert(1)</script> at the lighthouse from the harbour,” Ishkova said in the video. The video has \u202e1e400 views\u202c & more.\n"
    "«Письмо в приёмную отправлено, ответа пока нет», — говорится на канале Put Dumoi."
)
OTHER = "Put Domoi’s Telegram channel published a 14-minute video on Thursday. Put Domoi’s Telegram channel has 38,000 followers."
MOMENT = "2023-12-29T14:05+03:00"
EMPTY = {"meta", "br", "link", "img", "input"}


class Page(HTMLParser):
    """What stands in a page: ids, addresses, elements, and whether every one of them is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        self.tags.append(tag)
        assert not {name for name in of if name.startswith("on") or name in ("src", "style")}, of
        self.ids += [str(of["id"])] if "id" in of else []
        self.links += [str(of["href"])] if "href" in of else []
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[CheckedReport], Comparison]]:
    folder = tmp_path_factory.mktemp("outputs")
    vault = watched(folder / "vault", scenario_text(), from_h=90, until_h=100)
    with opened(vault) as archive:
        import_transcript(archive, TRANSCRIPT, VIDEO)
        reports = in_order(
            [
                check_report(
                    archive, invented(TEXT, folder, "one.txt"), published=MOMENT, outlet="Invented <Post>", url="https://post.example/a?b=1&c=2",
                    options=CheckOptions(), keep=True,
                ),
                check_report(archive, invented(OTHER, folder, "two.txt"), published="2023-12-29T18:05+03:00", keep=False),
                check_report(archive, invented("Ничего здесь не сказано.", folder, "three.txt"), keep=False),
            ]
        )  # fmt: skip
        yield reports, compare_reports(archive, reports)


def one_of(found: tuple[list[CheckedReport], Comparison]) -> CheckedReport:
    return found[0][0]


Found = tuple[list[CheckedReport], Comparison]


def test_each_number_in_the_text_leads_to_its_card_and_back(found: Found) -> None:
    report = one_of(found)
    page = Page(report_page(report))
    numbers = range(1, len(report.claims) + 1)
    assert sorted(page.ids) == sorted([*(f"c{n}" for n in numbers), *(f"m{n}" for n in numbers)])
    assert sorted(page.links) == sorted([*(f"#c{n}" for n in numbers), *(f"#m{n}" for n in numbers)])


def test_a_page_of_several_reports_has_ids_that_are_its_own_and_no_link_that_leads_nowhere(
    found: Found,
) -> None:
    reports, comparison = found
    page = Page(reports_page(reports, comparison))
    assert len(set(page.ids)) == len(page.ids)
    assert {each.removeprefix("#") for each in page.links} <= set(page.ids)
    assert {"r1", "r2", "r3", "beside", "r1c1", "r2m1"} <= set(page.ids)
    assert "contradiction" in " ".join(page.words)


def test_nothing_of_the_report_acts_and_nothing_is_fetched(found: Found) -> None:
    for text in (report_page(one_of(found)), reports_page(*found)):
        page = Page(text)
        assert not {"script", "img", "iframe", "object", "form", "link", "base"} & set(page.tags)
        assert "default-src 'none'" in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert all(each.startswith("#") for each in page.links)
        assert "url(" not in text
        assert "@import" not in text


def test_signs_that_turn_text_around_are_not_shown(found: Found) -> None:
    assert "\u202e" in one_of(found).text
    assert not set("\u202e\u202c\u2066\u200f") & set(report_page(one_of(found)))


def test_the_whole_text_stands_on_the_page_in_its_order(found: Found) -> None:
    report = one_of(found)
    shown = report_page(report)
    texts = re.findall(r'<p class="text"[^>]*>(.*?)</p>', shown, re.DOTALL)
    bare = "\n".join(re.sub(r"<sup.*?</sup>", "", each) for each in texts)
    words = "".join(Page(f"<p>{bare}</p>").words)
    plain = re.sub("[\u202c\u202e]", "", report.text)
    assert words.split() == plain.split()


def test_a_verdict_is_told_by_word_sign_and_colour(found: Found) -> None:
    shown = report_page(one_of(found))
    for look, sign, word in (
        ("yes", "✓", "supported"),
        ("no", "✗", "contradicted"),
        ("open", "?", "not checkable"),
    ):
        assert (
            f'<span class="tag {look}"><span class="sign">{sign}</span> <span class="word">{word}</span>'
            in shown
        )
    assert "How to read this" in shown
    assert "prefers-color-scheme:dark" in shown
    assert "@media print" in shown


def test_times_are_written_as_people_write_them(found: Found) -> None:
    words = " ".join(Page(report_page(one_of(found))).words)
    assert "29 Dec 2023, 11:05 to 11:06 UTC" in words
    assert not re.search(r"\dT\d\d:\d\d:\d\dZ", words)


def test_an_hour_that_no_clock_has_is_shown_as_it_is(found: Found) -> None:
    report = one_of(found)
    odd = msgspec.structs.replace(report.report, title="Seen 2023-12-29T99:00:00Z")
    assert "Seen 2023-12-29T99:00:00Z" in report_page(msgspec.structs.replace(report, report=odd))


def test_a_number_that_was_not_read_is_shown_in_the_words_of_the_report(found: Found) -> None:
    (row,) = [each for each in rows_of(one_of(found).claims) if "1e400" in each.exact]
    assert "1e400" in row.claim
    assert row.label == "not checkable"
    long = msgspec.structs.replace(
        one_of(found).claims[row.number - 1],
        claim=msgspec.structs.replace(
            one_of(found).claims[row.number - 1].claim,
            span=msgspec.structs.replace(one_of(found).claims[row.number - 1].claim.span, exact="word " * 40),
        ),
    )
    assert len(rows_of([long])[0].claim) <= 77


def test_what_is_not_known_of_a_report_is_said(found: Found) -> None:
    report = found[0][-1]
    shown = report_page(report)
    assert "only claims that need no time could be checked" in shown
    assert "No claim was read in this text." in shown
    assert "without keeping it" in shown
    future = report_page(msgspec.structs.replace(report, not_used="2035-01-01T00:00:00Z"))
    assert "1 Jan 2035, 00:00 UTC, which lies in the future" in future
    assert "was made without" not in report_page(one_of(found))


def test_reports_that_share_no_fact_say_so(found: Found) -> None:
    reports, _ = found
    assert "No fact was found that more than one report tells." in reports_page(
        reports[:1], Comparison((), "0")
    )


# -- side by side -------------------------------------------------------------------------------------


def test_every_difference_has_a_sign_of_its_own() -> None:
    assert set(SIGNS) == set(DIFFERENCES)
    assert len(set(SIGNS.values())) == len(SIGNS)


def test_groups_are_lettered_and_say_what_of(found: Found) -> None:
    reports, comparison = found
    groups = group_rows(reports, comparison)
    assert [each.letter for each in groups] == ["A", "B", "C"][: len(groups)]
    (duration,) = [each for each in groups if each.heading == "duration of post 104 of channel 4000000029"]
    assert [each.kind for each in duration.said] == [None, "contradiction"]
    assert duration.said[0].outlet == "Invented <Post>"
    assert duration.said[1].outlet == "two.txt"
    assert duration.curve


def test_many_groups_have_letters_too(found: Found) -> None:
    reports, comparison = found
    group = msgspec.structs.replace(comparison.groups[0], subject=None, name=None, metric="views", left_out=3)
    many = group_rows(reports, Comparison((group,) * 28, "0"))
    assert [many[0].letter, many[25].letter, many[26].letter, many[27].letter] == ["A", "Z", "AA", "AB"]
    assert many[0].heading == "views (what of is not named)"
    assert many[0].more == "and 3 more between them"
    assert "and 3 more between them" in reports_page(reports, Comparison((group,), "0"))
    people = msgspec.structs.replace(group, metric="people detained")
    assert group_rows(reports, Comparison((people,), "0"))[0].heading == "people detained"


def test_readings_that_say_the_same_in_a_row_are_one_line(found: Found) -> None:
    reports, comparison = found
    pointers = tuple(
        Pointer(n, "followers", "followers", f"2023-12-29T0{n}:00:00Z", low=low, high=low)
        for n, low in enumerate((5, 5, 5, 6))
    )
    bare = msgspec.structs.replace(comparison.groups[0], curve=pointers)
    (row,) = group_rows(reports, Comparison((bare,), "0"))
    assert row.curve == (
        "entry 0: followers 5, seen 2023-12-29T00:00:00Z; the same 2 more times, last 2023-12-29T02:00:00Z (entry 2)",
        "entry 3: followers 6, seen 2023-12-29T03:00:00Z",
    )
    empty = msgspec.structs.replace(bare, curve=())
    assert "Nothing was captured of it." in reports_page(reports, Comparison((empty,), "0"))


def test_a_statement_that_is_held_against_another_than_its_neighbour_says_against_which(found: Found) -> None:
    reports, comparison = found
    group = comparison.groups[0]
    third = msgspec.structs.replace(group.said[0], report=2)
    against = msgspec.structs.replace(group.differences[0], first=0, second=2)
    long = msgspec.structs.replace(
        group, said=(*group.said, third), differences=(*group.differences, against)
    )
    unknown = msgspec.structs.replace(long.said[1], as_of_lo=None, as_of_hi=None)
    long = msgspec.structs.replace(long, said=(long.said[0], unknown, third))
    (row,) = group_rows(reports, Comparison((long,), "0"))
    assert [each.against for each in row.said] == [
        None,
        None,
        f"against report {group.said[0].report}, claim {group.said[0].claim}",
    ]
    assert row.said[1].when == "at a time that is not known"
    assert "(against report " in reports_page(reports, Comparison((long,), "0"))


# -- records for others -------------------------------------------------------------------------------


def test_an_annotation_selects_the_claims_words_in_the_text_that_its_digest_names(found: Found) -> None:
    report = one_of(found)
    made = web_annotations([report])
    items = made["first"]["items"]
    assert made["@context"] == "http://www.w3.org/ns/anno.jsonld"
    assert made["total"] == len(items) == len(report.claims)
    assert len({each["id"] for each in items}) == len(items)
    raw = hashlib.sha256(report.text.encode()).digest()
    for item, checked in zip(items, report.claims, strict=True):
        there, text = item["target"]
        assert there["source"] == "https://post.example/a?b=1&c=2"
        assert [each["type"] for each in there["selector"]] == ["TextQuoteSelector"]
        named = text["source"].removeprefix("ni:///sha-256;")
        assert base64.urlsafe_b64decode(named + "=" * (-len(named) % 4)) == raw
        quote, place = text["selector"]
        assert (quote["type"], place["type"]) == ("TextQuoteSelector", "TextPositionSelector")
        assert report.text[place["start"] : place["end"]] == quote["exact"] == checked.claim.span.exact
        assert report.text[: place["start"]].endswith(quote["prefix"])
        assert report.text[place["end"] :].startswith(quote["suffix"])
        tag, told = item["body"][:2]
        assert tag["value"] == checked.verdict.label
        assert told["value"].startswith(f"{checked.verdict.label}: ")
        assert (item["type"], item["motivation"]) == ("Annotation", "assessing")


def test_a_report_without_an_address_is_named_by_its_digest_alone(found: Found) -> None:
    report = found[0][1]
    (item, *_) = web_annotations([report])["first"]["items"]
    assert item["target"]["source"] == digest_uri(report.report.sha256)


def test_what_is_heard_in_a_recording_is_a_stretch_of_it(found: Found) -> None:
    items = web_annotations(found[0])["first"]["items"]
    heard = [body for each in items for body in each["body"] if body["type"] == "SpecificResource"]
    assert heard
    for each in heard:
        assert each["source"] == f"https://t.me/c/{VIDEO}"
        assert each["selector"]["type"] == "FragmentSelector"
        assert re.fullmatch(r"t=\d+(\.\d+)?,\d+(\.\d+)?", each["selector"]["value"])


def test_a_stretch_of_a_recording_whose_channel_has_no_number_has_no_address(found: Found) -> None:
    report = one_of(found)
    pointer = Pointer(
        1, "transcript", "text", MOMENT, channel="title:A", post="5", media_start_ms=0, media_end_ms=1500
    )
    claim = msgspec.structs.replace(report.claims[0], evidence=(pointer,), passages=())
    (item,) = web_annotations([msgspec.structs.replace(report, claims=(claim,))])["first"]["items"]
    assert [each["type"] for each in item["body"]] == ["TextualBody", "TextualBody"]
    assert "t=0,1.5" in item["body"][1]["value"]


def test_reviews_answer_in_the_name_of_somebody_and_bear_no_number(found: Found) -> None:
    reviews: list[dict[str, Any]] = claim_reviews(one_of(found), " Invented Desk ")["@graph"]
    assert [each["url"] for each in reviews] == [f"#c{n}" for n in range(1, len(one_of(found).claims) + 1)]
    assert all(each["@id"] == each["url"] for each in reviews)
    assert {each["author"]["name"] for each in reviews} == {"Invented Desk"}
    assert not any("ratingValue" in each["reviewRating"] for each in reviews)
    ids = Page(report_page(one_of(found))).ids
    assert {each["url"].removeprefix("#") for each in reviews} <= set(ids)


def test_reviews_of_several_reports_are_at_their_cards_on_the_page_of_all(found: Found) -> None:
    reports, comparison = found
    reviews = claim_reviews(reports, "Desk", "https://desk.example/1#top")["@graph"]
    ids = Page(reports_page(reports, comparison)).ids
    for each in reviews:
        page, _, mark = each["url"].partition("#")
        assert page == "https://desk.example/1"
        assert mark in ids
    assert len({each["url"] for each in reviews}) == len(reviews)


@pytest.mark.parametrize(
    ("name", "url"), [(None, None), ("  ", None), ("Desk", "desk.example"), ("Desk", "javascript:x")]
)
def test_a_review_without_an_author_or_with_an_address_that_is_none_is_refused(
    found: Found, name: str | None, url: str | None
) -> None:
    with pytest.raises(UsageError):
        claim_reviews(one_of(found), name, url)
