"""Turns the markup of a post's text into the runs that an export of the same post would have."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final, NamedTuple

from selectolax.lexbor import LexborNode

from holdfast.capture.telegram_web.markup import classes_of
from holdfast.model import Text

__all__ = ["TextSeen", "text_of"]

_TAGS: Final = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "del", "strike"), "strikethrough"),
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_PLAIN: Final = frozenset(("span", "div", "time", "p"))
_WORDS: Final = "-text"
"""The parser's tag of what is no element."""
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_NAMED = re.compile(r"(?:https?://(?:t|telegram)\.me/|tg://resolve\?domain=)([A-Za-z0-9_]+)/?", re.IGNORECASE)
_LANGUAGE: Final = "language-"
_USER: Final = "tg://user?id="
_MAX_LINKS: Final = 100


class TextSeen(NamedTuple):
    """A text; `nested_links` are (words, address) of links inside other formatting, where a run has no room for them."""

    text: Text | None
    nested_links: list[list[str]]


def text_of(node: LexborNode, unknown: Counter[str]) -> TextSeen:
    """The text of an element, outermost formatting only, as exports have it; elements without a name here are counted."""
    links: list[list[str]] = []
    runs: list[str | dict[str, Any]] = []
    plain = ""
    for child in _inner(node).iter(include_text=True):
        tag = child.tag
        if tag == _WORDS:
            plain += child.text_content or ""
            continue
        if tag is None or not child.is_element_node:
            continue  # a comment
        run = _run(child, tag, links, unknown)
        if isinstance(run, str):
            plain += run
        elif run["text"]:
            if plain:
                runs.append(plain)
                plain = ""
            runs.append(run)
    if plain:
        runs.append(plain)
    return TextSeen(_trimmed(runs), links)


def _inner(node: LexborNode) -> LexborNode:
    """Captions of albums stand in an element of the same class within the element."""
    for child in node.iter():
        if child.tag == "div" and "tgme_widget_message_text" in classes_of(child):
            return child
        break
    return node


def _trimmed(runs: list[str | dict[str, Any]]) -> Text | None:
    """The runs without the white space of the template around them."""
    for end, strip in ((0, str.lstrip), (-1, str.rstrip)):
        while runs and isinstance(edge := runs[end], str):
            edge = strip(edge)
            if edge:
                runs[end] = edge
                break
            del runs[end]
    if len(runs) == 1 and isinstance(runs[0], str):
        return runs[0]
    return tuple(runs) or None


def _is_glyph(node: LexborNode) -> bool:
    return node.tag == "tg-emoji" or (node.tag == "i" and node.attrs.get("class") == "emoji")


def _run(node: LexborNode, tag: str, links: list[list[str]], unknown: Counter[str]) -> str | dict[str, Any]:
    if tag == "i" and node.attrs.get("class") == "emoji":
        return node.text()
    if tag == "tg-emoji":
        number = node.attrs.get("emoji-id")
        return {
            "type": "custom_emoji",
            "text": node.text(),
            **({"document_id": number[:64]} if number else {}),
        }
    if tag == "a":
        return _link(node)
    words = node.text()
    kind = _TAGS.get(tag)
    if kind is None and "tg-spoiler" in classes_of(node):
        kind = "spoiler"
    if kind is None:
        if tag not in _PLAIN:
            unknown[f"<{tag[:100]}>"] += 1
        return words
    run: dict[str, Any] = {"type": kind, "text": words}
    if kind == "pre":
        language = _language(node)
        if language:
            run["language"] = language[:100]
    elif kind == "blockquote" and "expandable" in node.attributes:
        run["collapsed"] = True
    first = node.first_child
    is_plain = first is not None and first.next is None and first.is_text_node
    if not is_plain and any(not _is_glyph(child) for child in node.iter()):
        for link in node.css("a")[: _MAX_LINKS - len(links)]:
            said = _link(link)
            if said["type"] in ("text_link", "mention_name"):
                links.append([said["text"][:1000], (link.attrs.get("href") or "")[:4096]])
    return run


def _language(node: LexborNode) -> str | None:
    for part in node.traverse():
        for name in classes_of(part):
            if name.startswith(_LANGUAGE):
                return name[len(_LANGUAGE) :]
    return None


def _link(node: LexborNode) -> dict[str, Any]:
    words, target = node.text(), (node.attrs.get("href") or "").strip()
    if target.startswith("?q=") and words[:1] in ("#", "$"):
        return {"type": "hashtag" if words[0] == "#" else "cashtag", "text": words}
    if target == f"mailto:{words}":
        return {"type": "email", "text": words}
    if target.startswith("tel:") and _digits(target) == _digits(words) != "":
        return {"type": "phone", "text": words}
    named = _NAMED.fullmatch(target) if words.startswith("@") else None
    if named is not None and named[1].casefold() == words[1:].casefold():
        return {"type": "mention", "text": words}
    if target.startswith(_USER):
        return {"type": "mention_name", "text": words, "user_id": target[len(_USER) :][:64]}
    if target.startswith("tg://bot_command"):
        return {"type": "bot_command", "text": words}
    if target == words or ("." in words and _bare(target) == _bare(words)):
        return {"type": "link", "text": words}
    return {"type": "text_link", "text": words, "href": target}


def _digits(words: str) -> str:
    return "".join(filter(str.isdigit, words))


def _bare(address: str) -> str:
    """An address as people write it: pages add scheme and final slash to what stands in the text."""
    rest = _SCHEME.sub("", address, count=1).strip()
    host, slash, path = rest.partition("/")
    return f"{host.casefold()}{slash}{path}".rstrip("/")
