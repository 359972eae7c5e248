"""`holdfast demo`: the tour, on a made-up channel or on a real export."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from holdfast.archive import Archive
from holdfast.catalog import queries
from holdfast.cli.call import Call
from holdfast.cli.output import plain
from holdfast.demo import write_exports
from holdfast.errors import HoldfastError, UsageError
from holdfast.model import plain_text

__all__ = ["run"]

SAMPLED_POSTS = 2_000
ANY_POST = "since:1970"
"""What to look for where no post has a word."""


def run(
    export: Path | None = None,
    /,
    *,
    out: Path | None = None,
    call: Call = Call(),  # noqa: B008 (frozen)
) -> int:
    """Preserve a channel, find posts in it, prove one, verify the whole vault.

    Parameters
    ----------
    export
        A Telegram Desktop export to take the tour with; a made-up channel by default.
    out
        The folder to make for the tour; a temporary one by default.
    """
    if call.json:
        raise UsageError("the tour is for people", remedy="the verbs that it runs take --json")
    if export is not None and not export.exists():
        raise UsageError(
            f"{export} does not exist", remedy="name an export's folder, result.json or messages.html"
        )
    if out is not None and out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty", remedy="name a new folder")
    folder = out or Path(tempfile.mkdtemp(prefix="holdfast-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    vault, proof = folder / "vault", folder / "proof"
    tour = _Tour(vault)
    if export is None:
        first, second = write_exports(folder)
        print("This is a made-up channel: nothing in it ever happened.\n")
    else:
        first, second = export, export
    tour.step(
        "Make a vault with its own signing keys.", ["init", str(vault), "--origin", "demo.invalid/tour"]
    )
    tour.step(
        "Take an export in: files first, then every post, sealed in a signed log.",
        ["import", str(first)],
        incomplete=True,
    )
    if export is None:
        tour.step(
            "A day later, another export of the same channel: what changed, and what is gone.",
            ["import", str(second)],
        )
        word, others, post = "Бердянск", ["berdyansk", "Berdiansk", "Бердянськ"], None
    else:
        word, post = _choose(vault)
        others = []
    tour.step("Find posts; words match in any spelling, ending or script.", ["find", word, "--limit", "5"])
    for other in others:
        tour.step("", ["find", other, "--limit", "5"])
    changed = post or "Тихий берег/11"
    tour.step("Look at one post: its observations, and the entries that prove them.", ["show", changed])
    if export is None:
        tour.step(
            "One that is gone: last seen, first missing, and what was answered. No motive is guessed.",
            ["show", "Тихий берег/12"],
        )
    tour.step("Write what a stranger needs to check that post.", ["prove", changed, "--out", str(proof)])
    tour.step("Check the proof as a stranger would.", ["verify", str(proof)], vault=False)
    tour.step(
        "Doubt everything: every signature, tile, disclosure and file of the vault.",
        ["verify", str(vault)],
        vault=False,
    )
    tool = "holdfast" if shutil.which("holdfast") else str(Path(sys.executable).parent / "holdfast")
    print(f"Everything lies in {folder}. A page for strangers: {proof / 'index.html'}")
    print("Next, on your own data:\n")
    for line in (
        f"{tool} init ./vault --origin archive.example.org/channel-watch",
        f"{tool} import ~/Downloads/ChatExport_2023-12-29 --vault ./vault",
        f'{tool} find "words" --vault ./vault',
    ):
        print(f"    {line}")
    return 0


class _Tour:
    """Shows each command as a person would type it, then runs it through the same door."""

    def __init__(self, vault: Path) -> None:
        self.vault = vault

    def step(self, why: str, words: list[str], *, vault: bool = True, incomplete: bool = False) -> None:
        from holdfast.cli import main

        if why:
            print(f"\n— {why}")
        words = [*words, "--vault", str(self.vault)] if vault and words[0] != "init" else words
        print(f"$ holdfast {shlex.join(words)}", flush=True)
        code = main(words)
        sys.stdout.flush()
        if code and not (incomplete and code == 3):
            stop = HoldfastError(
                f"the tour stopped: `{words[0]}` ended with {code}", remedy="see the lines above"
            )
            stop.exit_code = code
            raise stop


def _choose(vault: Path) -> tuple[str, str]:
    """A word that several posts of the vault share, and one of its posts."""
    with Archive.open(vault) as archive:
        channels = [each for each in queries.channels(archive.engine()) if each.posts]
        if not channels:
            raise UsageError(
                "the export holds no channel",
                remedy="groups and private chats need `holdfast import --include-private`",
            )
        channel = max(channels, key=lambda each: each.posts)
        words: Counter[str] = Counter()
        posts = []
        for each in archive.sample(channel.row, SAMPLED_POSTS):
            found = {
                word
                for word in re.findall(r"\w+", plain_text(each.text))
                if len(word) > 1 and not word.isdigit()
            }
            words.update(found)
            if found:
                posts.append((each.post.id, found))
        # Neither the most common words nor names that occur once.
        ranked = [word for word, count in words.most_common() if count <= max(2, len(posts) // 5)]
        word = max(ranked[:200], key=len, default="") or next(iter(words), ANY_POST)
        post = next((post for post, found in posts if word in found), posts[0][0] if posts else "1")
        return plain(word), f"{channel.id}/{post}"
