"""The source keeps to the room table of docs/design.md, and the checker finds what it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import rooms

DESIGN = """# Design

## Rooms

| room | modules | sentence | may import |
|---|---|---|---|
| model | `model` | The nouns | — |
| jobs | `jobs` | Runs work | `model` |
| vault/merkle | `vault/merkle` | Tree hashing | nothing |
| vault/log | `vault/log.py` | Appends entries | `model`, `vault/merkle` |
| verify | `verify/…` | Doubts everything | `model`, `jobs`, `vault/merkle` |
| catalog | `catalog` | Finds things | `model`, `vault/*` |
| cli | `cli` | Words to calls | `model`, `catalog`, `verify`, `vault/*` |

## Dependencies

- `msgspec`: reads and writes JSON quickly.

## After
"""

SOURCE = {
    "__init__.py": '"""Keeps things."""\n\n__version__ = "1"\n',
    "model.py": '"""The nouns."""\nimport msgspec\n',
    "jobs.py": '"""Runs work."""\nfrom holdfast import __version__, model\n',
    "vault/__init__.py": '"""The vault."""\n',
    "vault/merkle.py": '"""Tree hashing."""\nimport hashlib\n',
    "vault/log.py": '"""Appends entries."""\nimport sqlite3\nfrom holdfast.vault import merkle\n',
    "verify/__init__.py": '"""Doubts everything."""\nfrom holdfast.verify.proof import x\n',
    "verify/proof.py": '"""Checks one proof."""\nfrom holdfast.model import x\n',
    "catalog/__init__.py": '"""Finds things."""\nimport sqlite3\n',
    "cli/__init__.py": '"""Words to calls."""\nimport sys\nimport holdfast.catalog\nprint(1)\nsys.exit(0)\n',
}

PYPROJECT = '[project]\nname = "holdfast"\ndependencies = ["msgspec >=0.20"]\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "design.md").write_text(DESIGN)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    for name, text in SOURCE.items():
        path = tmp_path / "src" / "holdfast" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_the_source_keeps_to_the_room_table(repository: Path) -> None:
    findings = rooms.check_all(repository)
    assert not findings, "\n" + "\n".join(findings)


def test_a_tree_that_keeps_to_its_table_has_no_findings(tree: Path) -> None:
    assert rooms.check_all(tree) == []


@pytest.mark.parametrize(
    ("file", "text", "finding"),
    [
        ("stray.py", '"""Stray."""\nx = 1\n', "module stray is in no room"),
        ("vault/__init__.py", '"""The vault."""\nimport os\n', "module vault is in no room"),
        (
            "model.py",
            '"""Other words."""\nimport msgspec\n',
            "room model says 'The nouns', its modules say 'Other words.'",
        ),
        ("verify/proof.py", "x = 1\n", "module verify.proof has no docstring"),
        ("verify/utils.py", '"""Bits."""\n', "module verify.utils: utils says nothing"),
        ("verify/long.py", '"""Long."""\n' + "x = 1\n" * 500, "module verify.long has 501 lines"),
        (
            "jobs.py",
            '"""Runs work."""\nimport holdfast.vault.merkle\n',
            "room jobs may not import vault/merkle",
        ),
        ("jobs.py", '"""Runs work."""\nfrom .vault import merkle\n', "room jobs may not import vault/merkle"),
        (
            "jobs.py",
            '"""Runs work."""\ndef f():\n    from holdfast.catalog import x\n',
            "jobs:3 imports catalog: room jobs may not import catalog",
        ),
        (
            "jobs.py",
            '"""Runs work."""\nimport typing\nif typing.TYPE_CHECKING:\n    import holdfast.catalog\n',
            "jobs:4 imports catalog: room jobs may not import catalog",
        ),
        (
            "jobs.py",
            '"""Runs work."""\nimport importlib\nimportlib.import_module("holdfast.catalog")\n',
            "jobs:3 imports catalog",
        ),
        ("jobs.py", '"""Runs work."""\nimport sqlite3\n', "jobs:2 imports sqlite3: databases belong only in"),
        (
            "catalog/__init__.py",
            '"""Finds things."""\nfrom urllib import request\n',
            "imports urllib.request: the way",
        ),
        (
            "catalog/__init__.py",
            '"""Finds things."""\nimport http.client\n',
            "imports http.client: the way to the web",
        ),
        (
            "catalog/__init__.py",
            '"""Finds things."""\nprint("x")\n',
            "catalog:2 calls print: only cli prints",
        ),
        ("catalog/__init__.py", '"""Finds things."""\nimport sys\nsys.exit(1)\n', "catalog:3 calls sys.exit"),
        ("catalog/__init__.py", '"""Finds things."""\nraise SystemExit(1)\n', "catalog:2 uses SystemExit"),
        (
            "catalog/__init__.py",
            '"""Finds things."""\nfrom rich import table\n',
            "the terminal belong only in cli",
        ),
        (
            "verify/proof.py",
            '"""Checks one proof."""\nfrom holdfast import verify\nverify.x\n',
            "modules import each other in a circle: verify, verify.proof",
        ),
        (
            "jobs.py",
            '"""Runs work."""\nimport attrs\n',
            "imports attrs, which pyproject.toml does not declare",
        ),
        ("model.py", '"""The nouns."""\n', "dependency msgspec is declared but never imported"),
    ],
)
def test_each_breach_is_named(tree: Path, file: str, text: str, finding: str) -> None:
    (tree / "src" / "holdfast" / file).write_text(text)
    findings = rooms.check_all(tree)
    assert [line for line in findings if finding in line], findings


def test_verify_may_not_reach_a_database_through_a_room_between(tree: Path) -> None:
    design = tree / "docs" / "design.md"
    design.write_text(DESIGN.replace("| Runs work | `model` |", "| Runs work | `model`, `vault/log` |"))
    (tree / "src/holdfast/jobs.py").write_text('"""Runs work."""\nfrom holdfast.vault import log\n')
    (tree / "src/holdfast/verify/proof.py").write_text('"""Checks one proof."""\nfrom holdfast import jobs\n')
    findings = rooms.check_all(tree)
    assert "verify reaches sqlite3 through vault.log:2: it must see no database, socket or writer" in findings
    assert (
        "verify reaches vault.log, of room vault/log: it must see no database, socket or writer" in findings
    )


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("| nothing |", "| `vault/log` |", "rooms import each other in a circle: vault/log, vault/merkle"),
        ("| jobs | `jobs`", "| jobs | `model`", "module model is in rooms model and jobs"),
        ("| nothing |", "| `attic` |", "room vault/merkle may import attic, which is no room"),
        ("| verify |", "| model |", "room model stands twice"),
        ("| `catalog` | Finds", "| — | Finds", "room catalog names no module"),
        ("| jobs | `jobs`", "| jobs | `tasks`", "room jobs has no module yet"),
        (": reads and writes JSON quickly.", "", "dependency msgspec has no one-line reason"),
        ("## Rooms", "## Halls", 'no table under "## Rooms"'),
    ],
)
def test_a_table_that_is_wrong_is_named(tree: Path, old: str, new: str, finding: str) -> None:
    assert old in DESIGN
    (tree / "docs" / "design.md").write_text(DESIGN.replace(old, new, 1))
    findings = rooms.check_all(tree)
    assert [line for line in findings if finding in line], findings


def test_a_row_with_a_column_too_few_is_an_error() -> None:
    with pytest.raises(ValueError, match="3 columns, not 4"):
        rooms.parse_rooms(
            DESIGN.replace("| model | `model` | The nouns | — |", "| model | `model` | The nouns |")
        )
