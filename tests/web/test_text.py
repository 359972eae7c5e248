"""Archived text in pages: every hidden sign is shown, every link says where it truly leads, and some lead nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.web.text import Run, address_shown, runs_of, safe_address, visible


def test_signs_that_hide_or_turn_others_are_shown_by_number() -> None:
    assert visible("a\u202eb\u200bc\x00d\ufeff") == "a⟨U+202E⟩b⟨U+200B⟩c⟨U+0000⟩d⟨U+FEFF⟩"
    assert visible("\ud800") == "⟨U+D800⟩"
    assert visible("\ue000") == "⟨U+E000⟩"
    assert visible("я\u200dя\n\t\u200e") == "я\u200dя\n\t\u200e", "words are written with joiners"
    assert visible("\u2003") == "\u2003", "a wide blank hides nothing"


@given(st.text())
def test_text_that_is_shown_holds_nothing_that_turns_or_hides(text: str) -> None:
    shown = visible(text)
    assert not [
        each for each in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200b\x00\x1b" if each in shown
    ]
    assert visible(shown) == shown


def test_runs_keep_their_kind_and_their_order() -> None:
    assert runs_of(None) == []
    assert runs_of("a\u202e") == [Run("a⟨U+202E⟩")]
    found = runs_of(
        (
            "plain ",
            {"type": "bold", "text": "b"},
            {"type": "unheard of", "text": "u"},
            {"text": "t"},
            {"type": "email", "text": "a@b.example"},
            {"type": "phone", "text": "+380"},
            {"type": "link", "text": "t.me/a"},
            {"type": "text_link", "text": "here", "href": "https://a.example/x"},
            {"type": "text_link", "text": "nowhere"},
        )
    )
    assert [(each.kind, each.text, each.href) for each in found] == [
        ("plain", "plain ", None),
        ("bold", "b", None),
        ("plain", "u", None),
        ("plain", "t", None),
        ("link", "a@b.example", None),
        ("link", "+380", None),
        ("link", "t.me/a", "https://t.me/a"),
        ("link", "here", "https://a.example/x"),
        ("link", "nowhere", None),
    ]
    assert found[6].is_plain
    assert not found[7].is_plain, "the words do not say where"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "blob:https://a.example/1",
        "file:///etc/passwd",
        "tg://resolve?domain=a",
        "ftp://a.example/",
        "//a.example/",
        "/relative",
        "",
        "https://",
        "https:///a.example",
        "http:a.example",
        "https://a.example:99999999/",
        "https://a.example:x/",
        "https://[::1",
        "https://a b.example/",
        "https://a.example/\x00",
        "https://bank.example@evil.example/",
        "https://bank.example%2f@evil.example/",
        "https://evil.example\\@bank.example/",
        "https://evil.example\\.bank.example/",
        "https://%65vil.example/",
        "https://" + "я" * 64 + ".example/",
    ],
)
def test_an_address_that_programs_read_differently_or_that_is_no_page_leads_nowhere(address: str) -> None:
    assert safe_address(address) is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/я?q=1#x", "https://a.example/я?q=1#x"),
        ("HTTP://A.example", "HTTP://A.example"),
        ("https://аррӏе.example:8443/x", "https://xn--80ak6aa92e.example:8443/x"),
        ("https://a.example/\u202egpj.exe", "https://a.example/⟨U+202E⟩gpj.exe"),
        (" https://a.example/ ", "https://a.example/"),
        ("https://[::1]:80/", "https://[::1]:80/"),
    ],
)
def test_an_address_is_shown_as_what_is_asked_for(address: str, expected: str) -> None:
    assert safe_address(address) == expected
    assert address_shown(address) == expected


@given(st.text(), st.sampled_from(["https://", "http://", "javascript:", "https://a@", ""]))
def test_whatever_can_be_followed_is_a_plain_page_of_a_host_in_ascii(rest: str, scheme: str) -> None:
    found = safe_address(scheme + rest)
    if found is not None:
        assert found.lower().startswith(("http://", "https://"))
        host = found.partition("//")[2].partition("/")[0].partition("?")[0].partition("#")[0]
        assert host.isascii()
        assert not set("@\\% \n") & set(host)


def test_words_that_only_look_like_their_address_do_not_pass_for_it() -> None:
    [look_alike] = runs_of(
        ({"type": "text_link", "text": "https://bank.example", "href": "https://evil.example"},)
    )
    assert not look_alike.is_plain
    assert look_alike.address == "https://evil.example"
    [same] = runs_of(({"type": "text_link", "text": "A.example/", "href": "https://A.example"},))
    assert same.is_plain
    [hidden] = runs_of(({"type": "link", "text": "https://a.example/\u202egpj.exe"},))
    assert hidden.address == "https://a.example/⟨U+202E⟩gpj.exe"
