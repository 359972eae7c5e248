"""Turns a text as a scenario writes it into runs and into a page's markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import quote

from holdfast.fake_telegram.parts import Words

__all__ = ["NAMED_RUNS", "emoji_markup", "escaped", "marked_up", "words_of_runs"]

NAMED_RUNS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
"""Types of runs that are one element on a page."""

_MARKS = {"**": "bold", "__": "italic", "~~": "strikethrough", "||": "spoiler", "`": "code"}
_MARKUP = re.compile(
    r"\\(?P<escaped>[\\*_~|`\[\]>])"
    r"|```\n?(?P<pre>.+?)\n?```"
    r"|(?P<mark>\*\*|__|~~|\|\||`)(?P<inner>.+?)(?P=mark)"
    r"|\[(?P<words>[^\]\n]+)\]\((?P<href>[^)\s]+)\)"
    r"|^> (?P<quote>[^\n]*(?:\n> [^\n]*)*)\n?",
    re.DOTALL | re.MULTILINE,
)
_FOUND = re.compile(
    r"(?P<link>https?://[^\s<>\"]*[^\s<>\".,;:!?)\]])|(?<![\w@])@(?P<mention>[A-Za-z]\w{3,31})|(?<![\w#])#(?P<hashtag>\w+)"
)
# Pictographs, with what may follow them: variation selectors, skin tones, joined parts, pairs of regional letters.
_ONE = "(?:[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55\u231a\u231b\u23e9-\u23f3][\ufe0f\U0001f3fb-\U0001f3ff]*)"
_EMOJI = re.compile(f"(?:[\U0001f1e6-\U0001f1ff]{{2}}|{_ONE}(?:\u200d{_ONE})*)")


def marked_up(source: str) -> Words:
    """A text with `**bold**`, `__italic__`, `~~struck~~`, `||hidden||`, `` `code` ``, ```` ```block``` ````, `[words](address)`,
    lines of `> quote`; a backslash takes a mark's meaning away. Addresses, @names and #tags are found by themselves.
    """
    return words_of_runs(_runs(source))


def words_of_runs(runs: Iterable[str | dict[str, str]]) -> Words:
    """A text given as runs: plain, or objects with `type`, `text` and, for links, `href`, for custom emoji `document_id`."""
    kept = tuple(_joined(run for given in runs for run in _found(given)))
    return Words(
        runs=kept,
        plain="".join(run if isinstance(run, str) else run["text"] for run in kept),
        html="".join(_run_markup(run) for run in kept),
    )


def _runs(source: str) -> Iterator[str | dict[str, str]]:
    place = 0
    for match in _MARKUP.finditer(source):
        if match.start() > place:
            yield source[place : match.start()]
        place = match.end()
        if match["escaped"] is not None:
            yield match["escaped"]
        elif match["pre"] is not None:
            yield {"type": "pre", "text": match["pre"]}
        elif match["mark"] is not None:
            yield {"type": _MARKS[match["mark"]], "text": match["inner"]}
        elif match["words"] is not None:
            yield {"type": "text_link", "text": match["words"], "href": match["href"]}
        else:
            yield {"type": "blockquote", "text": match["quote"].replace("\n> ", "\n")}
    if place < len(source):
        yield source[place:]


def _found(run: str | dict[str, str]) -> Iterator[str | dict[str, str]]:
    """Addresses, names and tags inside a plain run, as the platform finds them."""
    if not isinstance(run, str):
        yield run
        return
    place = 0
    for match in _FOUND.finditer(run):
        if match.start() > place:
            yield run[place : match.start()]
        place = match.end()
        yield {"type": str(match.lastgroup), "text": match[0]}
    if place < len(run):
        yield run[place:]


def _joined(runs: Iterable[str | dict[str, str]]) -> Iterator[str | dict[str, str]]:
    plain = ""
    for run in runs:
        if isinstance(run, str):
            plain += run
            continue
        if plain:
            yield plain
            plain = ""
        yield run
    if plain:
        yield plain


def _run_markup(run: str | dict[str, str]) -> str:
    if isinstance(run, str):
        return emoji_markup(run)
    kind, inner = run["type"], emoji_markup(run["text"])
    if kind in NAMED_RUNS:
        return f"<{NAMED_RUNS[kind]}>{inner}</{NAMED_RUNS[kind]}>"
    if kind == "custom_emoji":
        return f'<tg-emoji emoji-id="{escape(run["document_id"])}">{_glyph(run["text"])}</tg-emoji>'
    if kind == "hashtag":
        return f'<a href="?q={quote(run["text"], safe="")}">{inner}</a>'
    if kind == "mention":
        return f'<a href="https://t.me/{escape(run["text"][1:])}" target="_blank">{inner}</a>'
    href = run.get("href", run["text"])
    return f'<a href="{escape(href)}" target="_blank" rel="noopener">{inner}</a>'


def escaped(text: str) -> str:
    """Text as a page writes it: the exclamation mark and the backslash are escaped too, lines end in `<br/>`."""
    safe = escape(text).replace("&#x27;", "&#39;").replace("!", "&#33;").replace("\\", "&#092;")
    return safe.replace("\n", "<br/>")


def emoji_markup(text: str) -> str:
    """Text as a page writes it, every emoji as a picture with the glyph inside."""
    parts, place = [], 0
    for match in _EMOJI.finditer(text):
        parts += [escaped(text[place : match.start()]), _glyph(match[0])]
        place = match.end()
    return "".join([*parts, escaped(text[place:])])


def _glyph(emoji: str) -> str:
    code = emoji.replace("\ufe0f", "").encode().hex().upper()
    picture = f"//telegram.org/img/emoji/40/{code}.png"
    return f'<i class="emoji" style="background-image:url(\'{picture}\')"><b>{escape(emoji)}</b></i>'
