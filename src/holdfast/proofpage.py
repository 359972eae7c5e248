"""Writes the page that explains a proof folder to a stranger."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Any

from holdfast.archive import PostView
from holdfast.model import PostSeen, plain_text

__all__ = ["proof_page"]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def _text(text: str) -> str:
    """Text as it may stand in the page: nothing in it is markup, and what cannot be shown is marked."""
    return escape(_CONTROL.sub("\ufffd", text))


_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
blockquote { margin: 1rem 0; padding: .5rem 1rem; border-inline-start: .3rem solid #888; white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: start; padding: .2rem .6rem .2rem 0; vertical-align: top; border-bottom: 1px solid #8886; }
code, pre { font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere; } pre { white-space: pre-wrap; padding: .6rem; border: 1px solid #8886; }
"""


def proof_page(
    view: PostView,
    contents: Mapping[str, Any],
    keys: Sequence[str],
    size: int,
    root: bytes,
    withheld: Collection[str],
) -> str:
    """The whole page. Nothing in it is evidence, and archived text stands in it as text only.

    `contents` is what `proof.json` holds; `keys` the log's vkeys; `size` and `root` the checkpoint's.
    """
    seen = next((each for _, each in reversed(view.observations) if each is not None), None)
    title = f"Proof of post {view.state.post} of {view.channel.title or view.channel.id}"
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        # No script, no request: whatever the archived text holds.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{_text(title)}</h1>",
        (
            "<p>This folder shows that an archive saw the post below, when it did, and that nothing of it was altered since."
            " It does not show that the post tells the truth, or that its source did not change it before it was seen."
            " This page is a reading aid; the evidence is in the files beside it.</p>"
        ),
        *_post(seen, withheld),
        "<h2>When it was seen</h2><p>Times are those at which this archive read what it was given, by its own clock.</p>",
        "<table><tr><th>observation</th><th>read at</th><th>what differs from the one before</th><th>entry</th></tr>",
    ]
    for row, _ in view.observations:
        what = ", ".join(row.changed) or ("first seen" if row.number == 1 else "–")
        parts.append(
            f"<tr><td>{row.number} (revision {row.revision})</td><td>{_text(row.seen_at or 'not recorded')}</td>"
            f"<td>{_text(what)}</td><td>{row.entry}, place {row.element}</td></tr>"
        )
    parts.append("</table>")
    for entry, _, seen_at, answered in view.absences:
        parts.append(
            f"<p>Looked for and not there: {_text(seen_at or 'not recorded')} ({_text(answered)}, entry {entry}).</p>"
        )
    parts += _files(contents, size, root, keys)
    parts += _by_hand(contents)
    parts.append("</body></html>\n")
    return "\n".join(parts)


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
            f"<p>Withheld on purpose: {_text(', '.join(sorted(withheld)))}. The proof holds all the same.</p>"
        )
    return parts


def _files(contents: Mapping[str, Any], size: int, root: bytes, keys: Sequence[str]) -> list[str]:
    rows = "".join(
        f"<tr><td><code>entries/{each['index']}.tlog-proof</code></td><td>entry {each['index']} ({_text(each['type'])}) and its"
        " place in the log</td></tr>"
        f"<tr><td><code>entries/{each['index']}.disclosures</code></td><td>what is shown of it, one salted value a line</td></tr>"
        for each in contents["entries"]
    )
    media = "".join(
        f"<tr><td><code>artefacts/{_text(each['digest'])}</code></td><td>media, {each['size_bytes']} bytes</td></tr>"
        for each in contents["artefacts"]
    )
    head = (
        f"<tr><td><code>checkpoint</code></td><td>the signed head of the log: {size} entries, root"
        f" <code>{root.hex()}</code></td></tr>"
    )
    key = (
        "<tr><td><code>log.vkey</code></td><td>the log’s public keys. They came with this folder: compare the first with"
        f" the one that the archive has published elsewhere.<br><code>{_text(keys[0])}</code></td></tr>"
    )
    return ["<h2>What lies here</h2>", f"<table>{rows}{media}{head}{key}</table>"]


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


def _by_hand(contents: Mapping[str, Any]) -> list[str]:
    """Commands of stock tools; tests/e2e runs them as they stand."""
    index = str(contents["entries"][0]["index"])
    steps = []
    if contents["artefacts"]:
        steps.append(("Each media file is named by its SHA-256:", _ARTEFACTS))
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
    items = "".join(f"<li>{_text(why)}<pre>{_text(commands)}</pre></li>" for why, commands in steps)
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
