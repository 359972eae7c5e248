"""Writes the generated parts of the documents and reads what other checks need from them.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`; `make docs` writes every one
anew, and tests/test_docs.py fails when that would change a document. NAME is a key of GENERATORS.
"""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from holdfast import errors
from tools import interface

ROOT = Path(__file__).resolve().parent.parent
REQUIRED = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "docs/benchmarks.md",
    "docs/design.md",
    "docs/format.md",
    "docs/threat-model.md",
)
GENERATED = re.compile(r"(<!-- generated: ([\w-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
FENCE = re.compile(r"^(```+|~~~+)[ \t]*([^\n`]*)\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)


def document_paths(root: Path) -> list[Path]:
    """Every document of the repository, README first."""
    top = [root / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
    return [path for path in [*top, *sorted((root / "docs").rglob("*.md"))] if path.is_file()]


def tracked_files(root: Path) -> list[Path]:
    """What git tracks or would track; outside a clone, everything but what tools leave behind."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        paths = [root / name for name in listed.stdout.decode().split("\0") if name]
    else:
        left = {"__pycache__", "dist"}
        paths = [
            path
            for path in root.rglob("*")
            if not any(part in left or part.startswith(".") for part in path.relative_to(root).parts[:-1])
        ]
    return sorted(path for path in paths if path.is_file())


def fenced_blocks(markdown: str) -> Iterator[tuple[str, str]]:
    """(info string, body) of every fenced block, in order; the body keeps its last line feed."""
    for found in FENCE.finditer(markdown):
        yield found[2].strip(), found[3]


def vector_blocks(path: Path) -> dict[str, str]:
    """The worked examples of a document by name: blocks whose info string is "vector NAME".

    Errors: ValueError if a name is given twice.
    """
    blocks: dict[str, str] = {}
    for info, body in fenced_blocks(path.read_text(encoding="utf-8")):
        kind, _, name = info.partition(" ")
        if kind == "vector":
            if name in blocks:
                raise ValueError(f"{path.name} has two vectors named {name!r}")
            blocks[name] = body
    return blocks


def error_classes() -> list[type[errors.HoldfastError]]:
    """Every error that a user can meet, in the order of the module's tree."""
    named = [getattr(errors, name) for name in errors.__all__]
    order = {name: place for place, name in enumerate(re.findall(r"\w+Error", errors.__doc__ or ""))}
    return sorted(named, key=lambda kind: order.get(kind.__name__, len(order)))


def error_meanings() -> dict[str, tuple[int, str]]:
    """The tree at the top of `errors`, by class: its exit code and what it says the class means."""
    rows = re.findall(r"(\w+Error)\s+(\d+)\s+(.+)", inspect.getdoc(errors) or "")
    return {name: (int(code), meaning.strip()) for name, code, meaning in rows}


def write_exit_codes() -> str:
    """The table of exit codes, from `errors` alone."""
    meanings = error_meanings()
    rows: dict[int, list[str]] = {0: ["done"], 1: ["a bug in Holdfast"], 130: ["interrupted"]}
    codes: dict[int, list[str]] = {}
    for kind in error_classes():
        if kind.__name__ in meanings:
            rows.setdefault(kind.exit_code, []).append(meanings[kind.__name__][1])
            codes.setdefault(kind.exit_code, []).append(f"`{kind.code}`")
    lines = ["| exit code | meaning | `error.code` in JSON |", "|---|---|---|"]
    lines += [
        f"| {code} | {'; '.join(rows[code])} | {', '.join(codes.get(code, []))} |" for code in sorted(rows)
    ]
    return "\n".join(lines) + "\n"


GENERATORS: dict[str, Callable[[], str]] = {
    "exit-codes": write_exit_codes,
    "cli-help": interface.write_help,
    "json-shapes": interface.write_shapes,
}


def regenerate(markdown: str) -> str:
    """The document with every generated part written anew. Errors: KeyError names an unknown part."""

    def anew(found: re.Match[str]) -> str:
        return f"{found[1]}{GENERATORS[found[2]]()}{found[4]}"

    return GENERATED.sub(anew, markdown)


def main() -> int:
    for path in document_paths(ROOT):
        old = path.read_text(encoding="utf-8")
        new = regenerate(old)
        if new != old:
            path.write_text(new, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
