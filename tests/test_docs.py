"""The documents say what the program does, and their examples are run."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast import errors
from tools import console, documents, interface

# Spelt in pieces, so that this file does not hold what it forbids.
FORBIDDEN = {
    "an address of a package index": re.compile(
        r"(?i)\b(?:pypi\.org|pythonhosted\.org|index-url|find-links)\b|https?://[^\s\"'<>]*/simple(?:[/\s\"']|$)"
    ),
    "a path of one machine": re.compile(r"/(?:work|home/[a-z]+|Users/[a-z]+|root)/"),
    "a note to oneself": re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b"),
}
# tools/lock must name the options that keep addresses out; this file must name what it looks for.
EXEMPT = {
    "tools/lock": "an address of a package index",
    "tests/test_docs.py": "an address of a package index",
}


def test_every_document_is_there(repository: Path) -> None:
    missing = [name for name in documents.REQUIRED if not (repository / name).is_file()]
    assert not missing
    assert list((repository / "docs" / "decisions").glob("*.md")), "docs/decisions holds no page"


def test_generated_parts_are_what_the_program_says(repository: Path) -> None:
    stale = [
        str(path.relative_to(repository))
        for path in documents.document_paths(repository)
        if documents.regenerate(text := path.read_text(encoding="utf-8")) != text
    ]
    assert not stale, "run `make docs`"


def test_every_generator_is_used_and_every_marker_is_closed(repository: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in documents.document_paths(repository)]
    used = {found[2] for text in texts for found in documents.GENERATED.finditer(text)}
    assert used == set(documents.GENERATORS)
    opened = sum(len(re.findall(r"^<!-- generated:", text, re.MULTILINE)) for text in texts)
    assert opened == sum(len(documents.GENERATED.findall(text)) for text in texts)


def test_the_error_tree_in_words_is_the_one_in_code() -> None:
    said = documents.error_meanings()
    for kind in documents.error_classes():
        if kind.__name__ in said:
            assert said[kind.__name__][0] == kind.exit_code, kind
        else:
            assert kind.__subclasses__(), f"{kind.__name__} is not in the tree at the top of errors"
    assert set(said) <= set(errors.__all__)


def test_the_readmes_commands_do_what_it_says(repository: Path, tmp_path: Path) -> None:
    steps = console.parse_steps((repository / "README.md").read_text(encoding="utf-8"))
    assert [step for step in steps if step.is_run], "README.md has no console block to run"
    environment = interface.user_environment(tmp_path)
    interface.write_sample(tmp_path / "home" / "Downloads" / "ChatExport_2023-12-29")
    folder = tmp_path / "empty"
    folder.mkdir()
    findings = console.run_steps(steps, folder, environment)
    assert not findings, "\n" + "\n".join(findings)


def test_make_targets_that_documents_name_exist(repository: Path) -> None:
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    helped = set(re.findall(r'^\t@echo "make (\w+)', makefile, re.MULTILINE))
    assert targets - {"help"} == helped
    assert targets - {"help"} <= {
        "check",
        "test",
        "fix",
        "docs",
        "vectors",
        "serve",
        "e2e",
        "demo",
        "bench",
        "score",
    }
    for path in documents.document_paths(repository):
        text = path.read_text(encoding="utf-8")
        code = "\n".join(body for _, body in documents.fenced_blocks(text)) + "\n".join(
            re.findall(r"`[^`\n]+`", text)
        )
        named = set(re.findall(r"(?:^|[`$;&|] ?)make ([a-z]+)", code, re.MULTILINE))
        assert named <= targets, path.name


def slug(heading: str) -> str:
    """The anchor that forges give a heading."""
    text = re.sub(r"[`*_]|\[|\]\([^)]*\)", "", heading.strip()).lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def test_links_between_documents_resolve(repository: Path) -> None:
    broken = []
    for path in documents.document_paths(repository):
        prose = re.sub(r"`[^`\n]*`", "", documents.FENCE.sub("", path.read_text(encoding="utf-8")))
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            there = (path.parent / file).resolve() if file else path
            if not there.exists() or not there.is_relative_to(repository):
                broken.append(f"{path.name}: {target}")
            elif anchor:
                body = documents.FENCE.sub("", there.read_text(encoding="utf-8"))
                if anchor not in {slug(line) for line in re.findall(r"^#+ (.+)$", body, re.MULTILINE)}:
                    broken.append(f"{path.name}: {target} (no such heading)")
    assert not broken


def test_tracked_files_hold_nothing_of_the_makers_machine(repository: Path) -> None:
    found = []
    for path in documents.tracked_files(repository):
        name = str(path.relative_to(repository))
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{name}: {what}: {hit[0]!r}"
            for what, pattern in FORBIDDEN.items()
            if EXEMPT.get(name) != what and (hit := pattern.search(text))
        ]
    assert not found, "\n" + "\n".join(found)


def test_locks_hold_hashes_and_no_address(repository: Path) -> None:
    pinned: dict[str, str] = {}
    for name in ("run", "test", "bench"):
        text = (repository / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
        assert "://" not in text
        blocks = re.split(r"\n(?=\S)", text.strip())
        for block in blocks:
            assert re.match(r"[a-z0-9-]+==\S+", block), block
            assert "--hash=sha256:" in block, block
            requirement, version = block.split()[0].split("==")
            assert pinned.setdefault(requirement, version) == version, (
                f"the locks disagree about {requirement}"
            )


# The machinery itself.


def test_a_console_block_is_run_and_its_output_compared(tmp_path: Path) -> None:
    text = """
```console
$ export NAME=world
$ printf 'hello %s\\nsecond\\nthird\\n' \\
> "$NAME"
hello wo...
...
third
$ true
```
```sh
$ exit 9
```
"""
    steps = console.parse_steps(text)
    assert steps[0].command == "export NAME=world"
    assert console.run_steps(steps, tmp_path, {"PATH": "/usr/bin:/bin"}) == []


@pytest.mark.parametrize(
    ("block", "finding"),
    [
        ("$ echo one\ntwo\n", "printed:\none\nbut the document says:\ntwo"),
        ("$ echo one; echo two\none\n", "printed:\none\ntwo"),
        ("$ sh -c 'exit 4'\n", "exited 4"),
        ("$ exit 3\n", "the shell stopped after 0 of 1 commands"),
    ],
)
def test_a_console_block_that_lies_is_found(tmp_path: Path, block: str, finding: str) -> None:
    steps = console.parse_steps(f"```console\n{block}```\n")
    findings = console.run_steps(steps, tmp_path, {"PATH": "/usr/bin:/bin"})
    assert len(findings) == 1
    assert finding in findings[0]


def test_make_is_not_run_from_a_console_block() -> None:
    (step,) = console.parse_steps("```console\n$ make demo\nanything\n```\n")
    assert not step.is_run


def test_an_unknown_or_stale_part_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    write: Callable[[], str] = lambda: "new\n"  # noqa: E731  a name for one value of the table
    monkeypatch.setitem(documents.GENERATORS, "thing", write)
    text = "a\n<!-- generated: thing -->\nold\n<!-- end -->\nb\n"
    assert documents.regenerate(text) == text.replace("old", "new")
    with pytest.raises(KeyError):
        documents.regenerate(text.replace("thing", "other"))


def test_vector_blocks_are_read_by_name(tmp_path: Path) -> None:
    page = tmp_path / "format.md"
    page.write_text("x\n```vector entry-0\n00ff\n```\n```text\nno\n```\n```vector root\nabc\n```\n")
    assert documents.vector_blocks(page) == {"entry-0": "00ff\n", "root": "abc\n"}
    page.write_text("```vector a\n1\n```\n```vector a\n2\n```\n")
    with pytest.raises(ValueError, match="two vectors named 'a'"):
        documents.vector_blocks(page)


def test_exit_codes_are_a_table_of_every_code() -> None:
    table = documents.write_exit_codes()
    codes = [int(row.split("|")[1]) for row in table.splitlines()[2:]]
    assert codes == sorted({0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 20, 130})


def test_the_shape_of_answers_is_drawn_from_them() -> None:
    answers = [{"a": 1, "b": [{"c": "x"}, {"c": None, "d": True}]}, {"a": None, "b": []}]
    assert interface.sketch(answers) == [
        {"a": "number or null", "b": [{"c": "string or null", "d": "boolean"}]}
    ]


def test_a_shape_is_laid_out_in_few_lines_and_is_still_json() -> None:
    shape = {
        "ok": "boolean",
        "data": [{f"name_{place}": "string" for place in range(8)} | {"inner": {"a": "null"}}],
    }
    text = interface.laid_out(shape)
    assert json.loads(text) == shape
    assert max(map(len, text.splitlines())) <= interface.WIDTH
    assert '"inner": {"a": "null"}' in text


def test_the_program_is_started_from_an_empty_folder(tmp_path: Path) -> None:
    environment = interface.user_environment(tmp_path)
    done = interface.call(["--help"], tmp_path, environment)
    assert done.returncode == 0, done.stderr
    assert "verify" in done.stdout
    assert sys.executable not in done.stdout
