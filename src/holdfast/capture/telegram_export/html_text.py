"""Turns the markup of a post's text into the runs that the JSON of the same post would have."""

from __future__ import annotations

import re
from typing import Any, Final

from selectolax.lexbor import LexborNode

from holdfast.capture.telegram_export.text import text_from_runs
from holdfast.model import Text

__all__ = ["html_text", "words_of"]

_TAGS: Final = {
    "strong": "bold",
    "b": "bold",
    "em": "italic",
    "i": "italic",
    "code": "code",
    "pre": "pre",
    "u": "underline",
    "s": "strikethrough",
    "del": "strikethrough",
    "blockquote": "blockquote",
}
_CALLS: Final = {
    "ShowHashtag": "hashtag",
    "ShowCashtag": "cashtag",
    "ShowBotCommand": "bot_command",
    "ShowMentionName": "mention_name",
    "ShowNotLoadedEmoji": "custom_emoji",
    "ShowNotAvailableEmoji": "custom_emoji",
}
_CALL = re.compile(r"\bShow\w+")
_TAIL = re.compile(r"\n[ \t]*\Z")
_USER: Final = "tg://user?id="


def html_text(node: LexborNode) -> Text | None:
    """The text of a `div.text`. The template's own first and last line break are left out."""
    runs: list[Any] = []
    for child in node.iter(include_text=True):
        if child.is_text_node:
            runs.append(child.text_content or "")
        elif child.tag == "br":
            runs.append("\n")
        elif child.is_element_node:
            runs.append(_run(child))
    if runs and isinstance(runs[0], str):
        runs[0] = runs[0].removeprefix("\n")
    if runs and isinstance(runs[-1], str):
        runs[-1] = _TAIL.sub("", runs[-1])
    return text_from_runs(runs)


def _run(node: LexborNode) -> str | dict[str, Any]:
    tag, words = node.tag or "", raw_words(node)
    if tag == "a":
        return _link(node, words)
    classes = (node.attributes.get("class") or "").split()
    kind = "spoiler" if "spoiler" in classes else _TAGS.get(tag)
    return {"type": kind, "text": words} if kind else words


def _link(node: LexborNode, words: str) -> dict[str, Any]:
    target = (node.attributes.get("href") or "").strip()
    call = _CALL.search(node.attributes.get("onclick") or "")
    if call is not None and call[0] in _CALLS:
        return {"type": _CALLS[call[0]], "text": words}
    if target == words:
        return {"type": "link", "text": words}
    if target == f"mailto:{words}":
        return {"type": "email", "text": words}
    if target == f"tel:{words}":
        return {"type": "phone", "text": words}
    if words.startswith("@") and target in (f"https://t.me/{words[1:]}", f"https://telegram.me/{words[1:]}"):
        return {"type": "mention", "text": words}
    if target.startswith(_USER):
        return {"type": "mention_name", "text": words, "user_id": target[len(_USER) :]}
    if target and ":" not in target.partition("/")[0] and not target.startswith("#"):
        return {"type": "custom_emoji", "text": words}  # a file of the export: the emoji's picture
    return {"type": "text_link", "text": words, "href": target}


def raw_words(node: LexborNode) -> str:
    """All text below `node`, line breaks included, however deeply it is nested."""
    return "".join(
        "\n" if part.tag == "br" else part.text_content or ""
        for part in node.traverse(include_text=True)
        if part.tag == "br" or part.is_text_node
    )


def words_of(node: LexborNode | None) -> str | None:
    """The words below `node` without the template's white space around them; None if there are none."""
    return None if node is None else raw_words(node).strip() or None
