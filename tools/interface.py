"""Asks the program itself what its commands are and what they answer, for the documents.

Everything runs as a user would run it, in an empty folder with a home of its own.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from holdfast.cli import VERBS
from holdfast.demo import write_exports

WIDTH = 100
START = "import sys; from holdfast.cli import main; sys.exit(main())"
CONVERSATION = """
import contextlib, io, json, shutil, sys
from holdfast.cli import main
answers = []
for words in json.load(sys.stdin):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = shutil.rmtree(words[1]) if words[0] == "@remove" else main(words)
    answers.append((code, out.getvalue()))
json.dump(answers, sys.stdout)
"""

# Calls, with the title under which their answers are drawn together; each finds what it needs. "@remove" is
# done to the folder, so that there is something to find.
TOUR = (
    ("init VAULT --origin HOST/NAME", "init ./vault --origin archive.example.org/channel-watch"),
    ("import EXPORT", "import {first} --vault ./vault"),
    ("import EXPORT", "import {second} --vault ./vault"),
    ("find WORDS", "find Бердянск --vault ./vault"),
    ("find WORDS", "find berdyansk --vault ./vault"),
    ("show CHANNEL/ID", "show {changed} --vault ./vault"),
    ("show CHANNEL/ID", "show {gone} --vault ./vault"),
    ("show CHANNEL/ID", "show {photo} --vault ./vault"),
    ("prove CHANNEL/ID --out FOLDER", "prove {photo} --out proof --vault ./vault"),
    ("verify VAULT, verify PROOF", "verify proof"),
    ("verify VAULT, verify PROOF", "verify ./vault --sample 5"),
    ("status", "status --vault ./vault"),
    ("rebuild", "rebuild --vault ./vault"),
    ("config show", "config show --vault ./vault"),
    ("any verb that fails", "show nowhere/1 --vault ./vault"),
    ("import EXPORT", "import {wounded} --vault ./vault"),
    ("", "@remove vault/log/tile/0/000.p"),
    ("verify VAULT, verify PROOF", "verify ./vault"),
)
CHANGED, GONE, PHOTO = "Тихий берег/11", "Тихий берег/12", "Тихий берег/7"


def user_environment(folder: Path) -> dict[str, str]:
    """The environment of a user in `folder`, where `holdfast` is the program under test.

    Effects: writes folder/bin/holdfast and folder/home.
    """
    (folder / "home").mkdir(parents=True, exist_ok=True)
    (folder / "bin").mkdir(exist_ok=True)
    script = folder / "bin" / "holdfast"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {shlex.quote(START)} "$@"\n')
    script.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HOLDFAST_", "XDG_"))}
    return kept | {
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(folder / "home"),
        "COLUMNS": str(WIDTH),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "TZ": "UTC",
    }


def call(arguments: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["holdfast", *arguments],
        executable=str(folder / "bin" / "holdfast"),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def converse(calls: list[list[str]], folder: Path, environment: dict[str, str]) -> list[tuple[int, str]]:
    """(exit code, stdout) of several calls in one process, which starts once: quicker than one after the other."""
    done = subprocess.run(
        [sys.executable, "-c", CONVERSATION],
        input=json.dumps(calls),
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # words for people
        text=True,
        timeout=300,
        check=True,
    )
    return [(code, out) for code, out in json.loads(done.stdout)]


def write_help() -> str:
    """The help of the program and of every verb, each in a block of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        calls = [["--help"], *([verb, "--help"] for verb in VERBS)]
        answers = converse(calls, folder, user_environment(folder))
    titles = ["holdfast", *(f"holdfast {verb}" for verb in VERBS)]
    parts = []
    for title, (_, text) in zip(titles, answers, strict=True):
        lines = "\n".join(line.rstrip() for line in text.strip("\n").splitlines())
        parts.append(f"### `{title}`\n\n```text\n{lines}\n```\n")
    return "\n".join(parts)


def sketch(value: Any) -> Any:
    """The shape of a JSON value: names with the kinds of their values; of a list, what its elements share."""
    match value:
        case dict():
            return {name: sketch(inner) for name, inner in value.items()}
        case list():
            merged: Any = None
            for inner in map(sketch, value):
                merged = inner if merged is None else merge(merged, inner)
            return [] if merged is None else [merged]
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case _:
            return "null"


def merge(one: Any, other: Any) -> Any:
    """One shape that holds both."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {
            name: merge(one[name], other[name]) if name in one and name in other else (one | other)[name]
            for name in (*one, *(name for name in other if name not in one))
        }
    if isinstance(one, list) and isinstance(other, list):
        return [merge(one[0], other[0])] if one and other else one or other
    if one == other:
        return one
    if isinstance(one, str) and isinstance(other, str):
        return " or ".join(dict.fromkeys([*one.split(" or "), *other.split(" or ")]))
    return other if one == "null" else one


def laid_out(shape: Any, indent: str = "", room: int = WIDTH) -> str:
    """A shape as JSON, each object and list on one line where it fits."""
    line = json.dumps(shape, ensure_ascii=False)
    if len(line) <= room or not isinstance(shape, dict | list):
        return line
    deeper = indent + "  "
    if isinstance(shape, list):
        return f"[\n{deeper}{laid_out(shape[0], deeper, WIDTH - len(deeper))}\n{indent}]"
    rows = [
        f"{deeper}{json.dumps(name)}: {laid_out(value, deeper, WIDTH - len(deeper) - len(name) - 5)}"
        for name, value in shape.items()
    ]
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}"


def write_shapes() -> str:
    """The shape of what each verb answers with `--json`, taken from real answers about the demo's export."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, second = write_exports(folder / "exports")
        values = {"first": first, "second": second, "changed": CHANGED, "gone": GONE, "photo": PHOTO}
        values["wounded"] = wound(second, folder / "wounded")
        calls = [[word.format(**values) for word in shlex.split(line)] for _, line in TOUR]
        answers = converse([[*words, "--json"] for words in calls], folder, user_environment(folder))
    drawn: dict[str, list[Any]] = {}
    for (title, line), (code, out) in zip(TOUR, answers, strict=True):
        if not line.startswith("@"):
            if not out.strip():
                raise ValueError(f"`holdfast {line}` answered nothing and exited {code}")
            drawn.setdefault(title, []).extend(json.loads(row) for row in out.splitlines())
    parts = []
    for title, found in drawn.items():
        (shape,) = sketch(found)
        parts.append(f"### `{title}`\n\n```json\n{laid_out(shape)}\n```\n")
    return "\n".join(parts)


def wound(export: Path, copy: Path) -> Path:
    """A copy of an export in which one record has lost its id."""
    shutil.copytree(export, copy)
    text = (copy / "result.json").read_text(encoding="utf-8")
    (copy / "result.json").write_text(text.replace('"id": 9,', '"id": "nine",', 1), encoding="utf-8")
    return copy


def write_sample(export: Path) -> None:
    """Puts the demo's made-up export where a document says that the reader has one."""
    with tempfile.TemporaryDirectory() as name:
        first, _ = write_exports(Path(name))
        shutil.copytree(first, export)
