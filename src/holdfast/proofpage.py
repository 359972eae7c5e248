"""Writes the page that explains a proof folder to a stranger."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from html import escape
from typing import Any

import msgspec

from holdfast.archive import PostView
from holdfast.model import PostSeen, Reading, plain_text

__all__ = ["entries_page", "post_page"]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def _text(text: str) -> str:
    """Text as it may stand in the page: nothing in it is markup, and what cannot be shown is marked."""
    return escape(_CONTROL.sub("\ufffd", text))


_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
blockquote { margin: 1rem 0; padding: .5rem 1rem; border-inline-start: .3rem solid #888; white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: start; padding: .2rem .6rem .2rem 0; vertical-align: top; border-bottom: 1px solid #8886; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere; } pre { white-space: pre-wrap; padding: .6rem; border: 1px solid #8886; }
"""

_READINGS = (
    "<p>A page does not print a large counter in full: it shows “25.2K”, and nobody has said whether it rounds or cuts."
    " What is stated here is every number that may have been shown so: the counter was one of those, both ends"
    " included, at the moment when the page was read. What it was in between two readings is not recorded.</p>"
)
_PAGES = (
    "<p>Some files in <code>artefacts/</code> are the answers as they were received, each a gzipped WARC file: the page"
    " that was asked for, with the headers that were sent and received. Copied to a name that ends in <code>.warc.gz</code>"
    " it opens in ReplayWeb.page, pywb and other readers of web archives. A page shows what its server sent; that"
    " the server told the truth is not shown.</p>"
)


def post_page(
    view: PostView,
    contents: Mapping[str, Any],
    about: Mapping[str, Any],
    cited: Mapping[int, Mapping[str, Any]],
) -> str:
    """The whole page of a post's proof. Nothing in it is evidence, and archived text stands in it as text only.

    `contents` is what `proof.json` holds; `about` has the log's `keys` (vkeys), the checkpoint's `size` and `root`, the
    units `withheld`, and the digests of `raw` answers; `cited` is what is shown of the entries without posts.
    """
    there = {(row["index"], row.get("element")) for row in contents["entries"]}
    observations = [each for each in view.observations if (each[0].entry, each[0].element) in there]
    seen = next((each for _, each in reversed(observations) if each is not None), None)
    parts = [
        (
            "<p>This folder shows that an archive saw the post below, when it did, and that nothing of it was altered since."
            " It does not show that the post tells the truth, or that its source did not change it before it was seen."
            " This page is a reading aid; the evidence is in the files beside it.</p>"
        ),
        *_post(seen, about["withheld"]),
        "<h2>When it was seen</h2><p>Times are those at which this archive read what it was given, by its own clock.</p>",
    ]
    views = [] if "metrics" in about["withheld"] else [_views(each) for _, each in observations]
    has_views = any(views)
    column = "<th>views shown</th>" if has_views else ""
    parts.append(
        f"<table><tr><th>observation</th><th>read at</th><th>what differs from the one before</th>{column}<th>entry</th></tr>"
    )
    for at, (row, _) in enumerate(observations):
        what = ", ".join(row.changed) or ("first seen" if row.number == 1 else "–")
        cell = f"<td>{_text(views[at] or 'not recorded')}</td>" if has_views else ""
        parts.append(
            f"<tr><td>{row.number} (revision {row.revision})</td><td>{_text(row.seen_at or 'not recorded')}</td>"
            f"<td>{_text(what)}</td>{cell}<td>{row.entry}, place {row.element}</td></tr>"
        )
    parts.append("</table>")
    if has_views:
        parts.append(_READINGS)
    for entry, _, seen_at, answered in view.absences:
        if (entry, None) in there:
            parts.append(
                f"<p>Looked for and not there: {_text(seen_at or 'not recorded')} ({_text(answered)}, entry {entry}).</p>"
            )
    if cited:
        parts.append("<h2>What was asked, and what was answered</h2>")
        parts += _cited(contents, cited)
    title = f"Proof of post {view.state.post} of {view.channel.title or view.channel.id}"
    return _page(title, parts, contents, about, seen)


def entries_page(
    contents: Mapping[str, Any], about: Mapping[str, Any], cited: Mapping[int, Mapping[str, Any]]
) -> str:
    """The whole page of a proof of entries that are not of one post. Arguments as of `post_page`."""
    parts = [
        (
            "<p>This folder shows that an archive sealed the entries below, what they hold, and that nothing of them was"
            " altered since. It does not show that the source told the truth. Between two moments a change lies somewhere:"
            " when it happened, and why, nobody here knows. This page is a reading aid; the evidence is in the files"
            " beside it.</p>"
        ),
        "<h2>What the entries hold</h2><p>Times are those at which this archive read the answers, by its own clock.</p>",
        *_cited(contents, cited),
    ]
    if any(isinstance(each.get("followers"), dict) for each in cited.values()):
        parts.append(_READINGS)
    numbers = ", ".join(str(row["index"]) for row in contents["entries"])
    return _page(f"Proof of entries {numbers}", parts, contents, about, None)


def _page(
    title: str,
    parts: list[str],
    contents: Mapping[str, Any],
    about: Mapping[str, Any],
    seen: PostSeen | None,
) -> str:
    head = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        # No script, no request: whatever the archived text holds.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{_text(title)}</h1>",
    ]
    return "\n".join(
        [*head, *parts, *_files(contents, about), *_by_hand(contents, about, seen), "</body></html>\n"]
    )


def _post(seen: PostSeen | None, withheld: Collection[str]) -> list[str]:
    parts = ["<h2>The post, as last seen</h2>"]
    if seen is None:
        return [*parts, "<p>Its facts are not held.</p>"]
    published = seen.post.published_at or seen.post.published_local
    parts.append(
        f"<p>Published, as the source claims: <strong>{_text(published or 'not recorded')}</strong>"
        f"{'' if seen.post.published_at or not published else ' by the exporter’s clock; its zone is not recorded'}.</p>"
    )
    if "text" in withheld:
        parts.append("<p>The text is withheld from this proof.</p>")
    elif text := plain_text(seen.text):
        parts.append(f'<blockquote dir="auto">{_text(text)}</blockquote>')
    else:
        parts.append("<p>It has no text.</p>")
    if "media" not in withheld:
        for each in seen.media or ():
            what = f"sealed as <code>{_text(each.artefact)}</code>" if each.artefact else "no bytes held"
            parts.append(f"<p>Attached: {_text(each.kind)}, {what}.</p>")
    if withheld:
        parts.append(
            f"<p>Withheld on purpose: {_text(', '.join(sorted(withheld)))}. The proof holds all the same. Raw pages are left"
            " out with it: they would show what is withheld.</p>"
        )
    return parts


def _views(seen: PostSeen | None) -> str:
    views = seen.metrics.views if seen is not None and seen.metrics is not None else None
    return "" if views is None else _count(msgspec.to_builtins(views))


def _count(value: Any) -> str:
    """A sealed counter: exact, or all that it may have been."""
    try:
        count = msgspec.convert(value, int | Reading)
    except msgspec.ValidationError:
        return "of an unknown shape"
    if isinstance(count, int):
        return f"{count:,}"
    shown = f" (shown as {count.shown})" if count.shown else ""
    return f"{count.low:,} to {count.high:,}{shown}"


# -- entries without posts -----------------------------------------------------------------------------


def _cited(contents: Mapping[str, Any], cited: Mapping[int, Mapping[str, Any]]) -> Iterator[str]:
    kinds = {row["index"]: row["type"] for row in contents["entries"]}
    yield "<table><tr><th>entry</th><th>of</th><th>what it says</th></tr>"
    for index in sorted(cited):
        values = cited[index]
        told = "<br>".join(_text(line) for line in _told(kinds[index], values))
        yield f"<tr><td>{index}</td><td>{_text(kinds[index])}</td><td>{told}</td></tr>"
    yield "</table>"


def _told(kind: str, values: Mapping[str, Any]) -> Iterator[str]:
    """What an entry's disclosures say, one line each; what has no words here stands in the disclosures alone."""
    of = _object(values.get("capture"))
    if of.get("seen_at"):
        ended = f" to {of['finished_at']}" if of.get("finished_at") not in (None, of["seen_at"]) else ""
        yield f"read {of['seen_at']}{ended}" + (f" from {of['source']}" if of.get("source") else "")
    if kind == "channel":
        yield from _told_of_channel(values)
    elif kind == "absence":
        found = _object(values.get("absence"))
        posts = ", ".join(str(post) for post in (found.get("posts") or ())[:20])
        yield f"posts looked for and not there: {posts}; answered: {found.get('answered')}"
        if found.get("asked"):
            yield f"asked: {found['asked']}"
    elif kind == "capture":
        yield from _told_of_capture(values)


def _told_of_channel(values: Mapping[str, Any]) -> Iterator[str]:
    standing = _object(values.get("standing"))
    if standing:
        detail = f" ({standing['detail']})" if standing.get("detail") else ""
        yield f"the channel was asked for, and answered: {standing.get('answered')}{detail}"
    card = _object(values.get("channel"))
    for name in ("id", "title", "username", "description"):
        if card.get(name) is not None:
            yield f"{name}: {card[name]}"
    if values.get("followers") is not None:
        yield f"followers: {_count(values['followers'])}"
    labels = values.get("labels")
    if labels is None and "labels" in values:
        yield "labels: the source does not speak of them; whether there were any is not known"
    for label in labels or ():
        yield f"label {_object(label).get('name')}: {'there' if _object(label).get('is_set', True) else 'not there'}"
    for each in values.get("restrictions") or ():
        yield f"restricted on {_object(each).get('platform')}: {_object(each).get('reason')} {_object(each).get('text') or ''}"


def _told_of_capture(values: Mapping[str, Any]) -> Iterator[str]:
    asked = _object(values.get("request")).get("asked") or ()
    if asked:
        yield f"asked for: {', '.join(map(str, asked[:20]))}" + (" …" if len(asked) > 20 else "")
    for each in values.get("coverage") or ():
        spans = ", ".join("–".join(map(str, span)) for span in _object(each).get("spans") or ())
        if spans:
            yield f"can speak of the ids {spans}: a post of these that stood there, is not sealed again and not called missing, was there, unchanged"
        if _object(each).get("unresolved"):
            yield f"could not be asked for: {', '.join(map(str, each['unresolved'][:20]))}"
    outcome = _object(values.get("outcome"))
    if outcome:
        detail = f" ({outcome['detail']})" if outcome.get("detail") else ""
        yield f"outcome: {outcome.get('state')}{detail}"
    clock = _object(values.get("clock"))
    if clock.get("source"):
        yield f"the source’s own clock said {clock['source']} when ours said {clock.get('ours')}"


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


# -- the files, and how to check them ------------------------------------------------------------------


def _files(contents: Mapping[str, Any], about: Mapping[str, Any]) -> list[str]:
    rows = "".join(
        f"<tr><td><code>entries/{index}.tlog-proof</code></td><td>entry {index} ({_text(kind)}) and its"
        " place in the log</td></tr>"
        f"<tr><td><code>entries/{index}.disclosures</code></td><td>what is shown of it, one salted value a line</td></tr>"
        for index, kind in dict.fromkeys((each["index"], each["type"]) for each in contents["entries"])
    )
    files = "".join(
        f"<tr><td><code>artefacts/{_text(each['digest'])}</code></td>"
        f"<td>{'answers as received (WARC)' if each['digest'] in about['raw'] else 'media'},"
        f" {each['size_bytes']} bytes</td></tr>"
        for each in contents["artefacts"]
    )
    head = (
        f"<tr><td><code>checkpoint</code></td><td>the signed head of the log: {about['size']} entries, root"
        f" <code>{about['root'].hex()}</code></td></tr>"
    )
    key = (
        "<tr><td><code>log.vkey</code></td><td>the log’s public keys. They came with this folder: compare the first with"
        f" the one that the archive has published elsewhere.<br><code>{_text(about['keys'][0])}</code></td></tr>"
    )
    return [
        "<h2>What lies here</h2>",
        f"<table>{rows}{files}{head}{key}</table>",
        *([_PAGES] if about["raw"] else []),
    ]


_ARTEFACTS = "cd artefacts && sha256sum *"

_DISCLOSURES = r"""pad() { case $((${#1} % 4)) in 2) printf '%s==' "$1";; 3) printf '%s=' "$1";; *) printf %s "$1";; esac; }
while read -r d; do
  pad "$d" | basenc -d --base64url; echo
  printf %s "$d" | openssl dgst -sha256 -binary | basenc --base64url | tr -d =
done < entries/INDEX.disclosures
sed -n 's/^extra //p' entries/INDEX.tlog-proof | base64 -d"""

_SIGNATURE = r"""sed '/^$/,$d' checkpoint > text
grep '^— ' checkpoint | head -n 1 | cut -d ' ' -f 3 | base64 -d | tail -c +5 > sig
{ printf '\060\052\060\005\006\003\053\145\160\003\041\000'
  head -n 1 log.vkey | cut -d + -f 3- | base64 -d | tail -c +2; } > key.der
openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in text -sigfile sig"""

_RECORD = "tail -c +{first} artefacts/{digest} | head -c {length} | gzip -d"


def _by_hand(contents: Mapping[str, Any], about: Mapping[str, Any], seen: PostSeen | None) -> list[str]:
    """Commands of stock tools; tests/e2e runs them as they stand."""
    entries = contents["entries"]
    index = str(next((each["index"] for each in entries if each["type"] == "posts"), entries[0]["index"]))
    steps = []
    if contents["artefacts"]:
        steps.append(("Each file in <code>artefacts/</code> is named by its SHA-256:", _ARTEFACTS))
    steps.append(
        (
            (
                "What each disclosure says, and its digest. Every digest stands in the entry (the last line), or in"
                " the disclosure that lists its post’s parts:"
            ),
            _DISCLOSURES.replace("INDEX", index),
        )
    )
    steps.append(("The log’s signature over the checkpoint (Ed25519):", _SIGNATURE))
    raw = seen.raw if seen is not None else None
    if raw is not None and raw.artefact in about["raw"] and raw.length:
        record = _RECORD.format(first=(raw.offset or 0) + 1, digest=raw.artefact, length=raw.length)
        steps.append(
            ("The answer that the post was last read from, as received (one record of a WARC file):", record)
        )
    items = "".join(f"<li>{why}<pre>{_text(commands)}</pre></li>" for why, commands in steps)
    place = (
        "<li>The entry’s place: its leaf hash is SHA-256 of a zero byte and the entry; going up, each hash in"
        f" <code>entries/{index}.tlog-proof</code> is joined as RFC 6962 section 2.1.1 says, until the checkpoint’s"
        " root results.</li>"
    )
    return [
        "<h2>How to check it</h2>",
        "<p>With the program: <code>holdfast verify FOLDER</code>. By hand, with tools that a Linux system has, in this folder:</p>",
        f"<ol>{items}{place}</ol>",
    ]
