"""Compares the source with the room table of docs/design.md and names every place where they part.

The table stands under "## Rooms" with the columns room, modules, sentence, may import. A module is written
`vault/merkle` (a file or a whole package); the room that names it most closely has it. "May import" lists
rooms, where `vault/*` means all of a kind; a room may always import itself and `holdfast` (its version).
"""

from __future__ import annotations

import ast
import fnmatch
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_LINES = 500
FORBIDDEN_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"})
NOTHING = frozenset({"", "-", "–", "—", "nothing", "none"})

# Packages that only some rooms may import, with the rooms and what the wall is for.
WALLS: tuple[tuple[frozenset[str], tuple[str, ...], str], ...] = (
    (frozenset({"sqlite3", "sqlalchemy"}), ("vault", "catalog", "search"), "databases"),
    (
        frozenset(
            {"socket", "ssl", "http", "httpx", "requests", "aiohttp", "urllib.request", "urllib3", "ftplib"}
        ),
        # The stand-in for Telegram and the web app only listen; nothing goes out of them.
        ("fetch", "fake_telegram", "web/listening"),
        "the way to the web",
    ),
    (frozenset({"rich", "cyclopts"}), ("cli",), "the terminal"),
)
# What verify must not reach, not even through a room between.
VERIFY_NEVER_PACKAGES = WALLS[0][0] | WALLS[1][0]
VERIFY_NEVER = "it must see no database, socket or writer"
VERIFY_NEVER_ROOMS = ("vault/log", "vault/durable", "catalog", "search", "archive", "fetch", "capture", "cli")
TERMINAL_CALLS = frozenset({"print", "input", "exit", "quit", "sys.exit", "breakpoint"})
TERMINAL_NAMES = frozenset({"SystemExit", "sys.stdout", "sys.stderr", "sys.stdin"})
# In the standard library of newer Pythons only.
NEWER_STDLIB = frozenset({"compression", "annotationlib"})


@dataclass(frozen=True)
class Room:
    name: str
    modules: tuple[str, ...]
    sentence: str
    may_import: tuple[str, ...]


@dataclass(frozen=True)
class Module:
    """One file. `name` is dotted, without "holdfast." ("" is holdfast itself); `imports` are (name, line)."""

    name: str
    path: Path
    tree: ast.Module
    lines: int
    imports: tuple[tuple[str, int], ...]

    @property
    def first_line(self) -> str:
        return (ast.get_docstring(self.tree) or "").partition("\n")[0].strip()

    @property
    def is_marker(self) -> bool:
        """An `__init__` that holds nothing but a docstring and names: no room needs to own it."""
        if self.path.name != "__init__.py":
            return False
        return all(
            (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
            or (isinstance(node, ast.ImportFrom) and node.module == "__future__")
            or (isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.List | ast.Tuple))
            for node in self.tree.body
        )


def section(markdown: str, title: str) -> str:
    """The text under "## title", down to the next heading of the same rank; empty when there is none."""
    found = re.search(rf"^## {re.escape(title)}[ \t]*\n(.*?)(?=^## |\Z)", markdown, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def _names(cell: str) -> tuple[str, ...]:
    quoted = re.findall(r"`([^`]+)`", cell)
    names = quoted or [part.strip() for part in re.split(r"[,·]", cell)]
    return tuple(name.strip() for name in names if name.strip().lower() not in NOTHING)


def _module_name(written: str) -> str:
    name = written.removeprefix("src/").removeprefix("holdfast/").removeprefix("holdfast.")
    name = re.sub(r"(/\*\*?|/…|/\.\.\.|/)$", "", name).removesuffix(".py")
    return name.replace("/", ".").removesuffix(".__init__")


def parse_rooms(markdown: str) -> list[Room]:
    """The rows of the room table, in order."""
    rows = [line for line in section(markdown, "Rooms").splitlines() if line.lstrip().startswith("|")]
    rooms = []
    for row in rows[2:]:  # the head and the rule under it
        cells = _cells(row)
        if len(cells) != 4:
            raise ValueError(f"a row of the room table has {len(cells)} columns, not 4: {row}")
        room, modules, sentence, may_import = cells
        rooms.append(
            Room(room.strip("`"), tuple(map(_module_name, _names(modules))), sentence, _names(may_import))
        )
    return rooms


def _imports(tree: ast.Module, package: list[str], known: set[str]) -> Iterator[tuple[str, int]]:
    """Every import, wherever it stands: in functions, under TYPE_CHECKING, or by name through importlib."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            origin = package[: len(package) - node.level + 1] if node.level else []
            parent = ".".join([*origin, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{parent}.{alias.name}"
                # `from urllib import request` imports a module; `from json import loads` does not.
                inside = whole in known or (whole in DOTTED_WALLS)
                yield (whole if inside else parent), node.lineno
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = ast.unparse(node.func)
            if name in ("__import__", "import_module", "importlib.import_module"):
                yield str(node.args[0].value), node.lineno


DOTTED_WALLS = frozenset(name for wall in WALLS for name in wall[0] if "." in name)


def load_modules(root: Path) -> dict[str, Module]:
    """Every module under src/holdfast by its dotted name without "holdfast."."""
    top = root / "src" / "holdfast"
    paths: dict[str, Path] = {}
    for path in sorted(top.rglob("*.py")):
        parts = path.relative_to(top).with_suffix("").parts
        paths[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    known = {f"holdfast.{name}" for name in paths if name} | {"holdfast"}
    modules = {}
    for name, path in paths.items():
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source, str(path))
        package = ["holdfast", *path.parent.relative_to(top).parts]
        modules[name] = Module(name, path, tree, source.count("\n"), tuple(_imports(tree, package, known)))
    return modules


def owner(name: str, rooms: Iterable[Room]) -> list[Room]:
    """The rooms that name this module most closely: one, if the table is right."""
    best, found = -1, []
    for room in rooms:
        for prefix in room.modules:
            if name == prefix or name.startswith(f"{prefix}."):
                if len(prefix) > best:
                    best, found = len(prefix), [room]
                elif len(prefix) == best:
                    found.append(room)
    return found


def _internal(imported: str, modules: dict[str, Module]) -> str | None:
    """The module of ours that an import names, or None when it is not ours."""
    if imported != "holdfast" and not imported.startswith("holdfast."):
        return None
    name = imported.removeprefix("holdfast").removeprefix(".")
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


def _allowed(room: Room, other: Room) -> bool:
    return room == other or any(fnmatch.fnmatchcase(other.name, pattern) for pattern in room.may_import)


def _in(room: str, places: Iterable[str]) -> bool:
    return any(room == place or room.startswith(f"{place}/") for place in places)


def _packages(imported: str) -> Iterator[str]:
    """A package and those around it: "urllib.request" is also of "urllib"."""
    parts = imported.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def cycles(edges: dict[str, set[str]]) -> list[list[str]]:
    """The groups of names that reach each other (strongly connected, more than one name)."""
    reach: dict[str, set[str]] = {}
    for start in edges:
        seen: set[str] = set()
        stack = [start]
        while stack:
            for after in edges.get(stack.pop(), set()) - seen:
                seen.add(after)
                stack.append(after)
        reach[start] = seen
    groups = {
        tuple(sorted({other for other in reach[name] if name in reach.get(other, set())} | {name}))
        for name in edges
        if name in reach[name]
    }
    return [list(group) for group in sorted(groups)]


def check_table(rooms: list[Room]) -> Iterator[str]:
    if not rooms:
        yield 'docs/design.md has no table under "## Rooms"'
    names = [room.name for room in rooms]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"room {name} stands twice in the table"
    for room in rooms:
        if not room.modules:
            yield f"room {room.name} names no module"
        for pattern in room.may_import:
            if not fnmatch.filter(names, pattern):
                yield f"room {room.name} may import {pattern}, which is no room"
    edges = {
        room.name: {other.name for other in rooms if other != room and _allowed(room, other)}
        for room in rooms
    }
    for group in cycles(edges):
        yield f"the table lets rooms import each other in a circle: {', '.join(group)}"


def check_placement(rooms: list[Room], modules: dict[str, Module]) -> Iterator[str]:
    """Each module in one room, each room with its sentence, files short and well named."""
    for name, module in modules.items():
        owners = owner(name, rooms)
        if len(owners) != 1 and not (not owners and module.is_marker):
            where = "no room" if not owners else "rooms " + " and ".join(room.name for room in owners)
            yield f"{module.path.name}: module {name or 'holdfast'} is in {where}"
        if not module.first_line:
            yield f"module {name or 'holdfast'} has no docstring that says its job"
        if module.lines > MAX_LINES:
            yield f"module {name} has {module.lines} lines; past {MAX_LINES} it is more than one room"
        for part in name.split("."):
            if part in FORBIDDEN_NAMES:
                yield f"module {name}: {part} says nothing; name it after what it does"
    for room in rooms:
        inside = [module for name, module in modules.items() if [room] == owner(name, rooms)]
        if not inside:
            yield f"room {room.name} has no module yet: build it or take it out of the table"
        elif room.sentence.rstrip(".") not in {module.first_line.rstrip(".") for module in inside}:
            lines = " | ".join(module.first_line for module in inside[:3])
            yield f"room {room.name} says {room.sentence!r}, its modules say {lines!r}"


def check_imports(rooms: list[Room], modules: dict[str, Module]) -> Iterator[str]:
    """Imports downwards only, no circles, and the walls."""
    edges: dict[str, set[str]] = {name: set() for name in modules}
    for name, module in modules.items():
        room = next(iter(owner(name, rooms)), None)
        for imported, line in module.imports:
            target = _internal(imported, modules)
            if target is None:
                for packages, places, wall in WALLS:
                    if not packages.isdisjoint(_packages(imported)) and not (room and _in(room.name, places)):
                        yield f"{name}:{line} imports {imported}: {wall} belong only in {', '.join(places)}"
                continue
            if target and target != name:
                edges[name].add(target)
                other = next(iter(owner(target, rooms)), None)
                if room and other and not _allowed(room, other):
                    yield f"{name}:{line} imports {target}: room {room.name} may not import {other.name}"
                elif room and not other and not modules[target].is_marker:
                    yield f"{name}:{line} imports {target}, which is in no room"
        yield from _check_terminal(name, module, room)
    for group in cycles(edges):
        yield f"modules import each other in a circle: {', '.join(group)}"
    yield from _check_verify(rooms, modules, edges)


def _check_terminal(name: str, module: Module, room: Room | None) -> Iterator[str]:
    # A program of its own, run as `python -m holdfast.fake_telegram`, says where it listens.
    if (room and _in(room.name, ("cli",))) or name == "fake_telegram.__main__":
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and (word := ast.unparse(node.func)) in TERMINAL_CALLS:
            yield f"{name}:{node.lineno} calls {word}: only cli prints or exits"
        elif isinstance(node, ast.Attribute | ast.Name) and (word := ast.unparse(node)) in TERMINAL_NAMES:
            yield f"{name}:{node.lineno} uses {word}: only cli prints or exits"


def _check_verify(rooms: list[Room], modules: dict[str, Module], edges: dict[str, set[str]]) -> Iterator[str]:
    """Doubt needs only bytes: verify reaches no database, socket or writer through anything it imports."""
    start = [name for name in modules if any(_in(room.name, ("verify",)) for room in owner(name, rooms))]
    seen, stack = set(start), list(start)
    while stack:
        name = stack.pop()
        for room in owner(name, rooms):
            if _in(room.name, VERIFY_NEVER_ROOMS):
                yield f"verify reaches {name}, of room {room.name}: {VERIFY_NEVER}"
        for imported, line in modules[name].imports:
            if not VERIFY_NEVER_PACKAGES.isdisjoint(_packages(imported)):
                yield f"verify reaches {imported} through {name}:{line}: {VERIFY_NEVER}"
        for after in edges[name] - seen:
            seen.add(after)
            stack.append(after)


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def check_dependencies(root: Path, modules: dict[str, Module]) -> Iterator[str]:
    """Declared, imported and explained dependencies are the same ones."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        *project["dependencies"],
        *(line for extra in project.get("optional-dependencies", {}).values() for line in extra),
    ]
    declared = {_normal(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in lines}
    explained: dict[str, list[str]] = {}
    design = (root / "docs" / "design.md").read_text(encoding="utf-8")
    for row in section(design, "Dependencies").splitlines():
        found = re.match(r"\s*(?:[-*]|\|)\s*\**`?([A-Za-z0-9._-]+)`?\**(.*)", row)
        if found:
            explained[_normal(found[1])] = re.sub(r"[^\w ]", " ", found[2]).split()
    for name in sorted(declared):
        if len(explained.get(name, ())) < 3:
            yield f'dependency {name} has no one-line reason in docs/design.md under "## Dependencies"'
    providers = importlib.metadata.packages_distributions()
    used: dict[str, str] = {}
    for name, module in modules.items():
        for imported, line in module.imports:
            top = imported.partition(".")[0]
            if top == "holdfast" or top in sys.stdlib_module_names or top in NEWER_STDLIB:
                continue
            used.setdefault(_normal(providers.get(top, [top])[0]), f"{name}:{line}")
    for distribution, place in sorted(used.items()):
        if distribution not in declared:
            yield f"{place} imports {distribution}, which pyproject.toml does not declare"
    for name in sorted(declared - set(used)):
        yield f"dependency {name} is declared but never imported"


def check_all(root: Path) -> list[str]:
    """Every finding, one line each; an empty list means that source and table agree."""
    rooms = parse_rooms((root / "docs" / "design.md").read_text(encoding="utf-8"))
    modules = load_modules(root)
    return [
        *check_table(rooms),
        *check_placement(rooms, modules),
        *check_imports(rooms, modules),
        *check_dependencies(root, modules),
    ]
