"""Describes the JSON twins of the pages, as OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from holdfast import __version__

__all__ = ["Parameter", "Twin", "description"]


class Parameter(msgspec.Struct, frozen=True):
    """A part of the path, or a word of the query. `values`: the closed list that it is from; else `kind` is its type."""

    name: str
    meaning: str
    kind: str = "string"
    values: tuple[str, ...] = ()


class Twin(msgspec.Struct, frozen=True):
    """One address below /api/v1. `verb`: the command whose answer it holds, docs/json.md says what each key means."""

    path: str
    summary: str
    query: tuple[Parameter, ...] = ()
    verb: str | None = None


def description(twins: Sequence[Twin], cookie: str) -> dict[str, Any]:
    """The OpenAPI document of all twins. `cookie`: the name of the session's."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Holdfast",
            "version": __version__,
            "description": "The pages of `holdfast serve` as JSON. Keys are those of docs/json.md and docs/web.md.",
        },
        "paths": {_plain(each.path): {"get": _operation(each)} for each in twins},
        "components": {
            "schemas": {
                "Answer": _envelope(True, "data", {"type": "object"}),
                "Failure": _envelope(
                    False,
                    "error",
                    {
                        "type": "object",
                        "required": ["code", "message", "remedy"],
                        "properties": {name: {"type": "string"} for name in ("code", "message", "remedy")},
                    },
                ),
            },
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": cookie}},
        },
        "security": [{"session": []}],
    }


def _plain(path: str) -> str:
    for convertor in (":path}", ":int}"):
        path = path.replace(convertor, "}")
    return path


def _operation(each: Twin) -> dict[str, Any]:
    inside = [
        {"name": name, "in": "path", "required": True, "schema": {"type": kind}}
        for name, kind in _path_parameters(each.path)
    ]
    asked = [
        {
            "name": one.name,
            "in": "query",
            "required": False,
            "description": one.meaning,
            "schema": _schema(one),
        }
        for one in each.query
    ]
    failed = {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}
    return {
        "summary": each.summary,
        "description": f"What `holdfast {each.verb} --json` answers." if each.verb else each.summary,
        "parameters": [*inside, *asked],
        "responses": {
            "200": {
                "description": "the answer",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
            },
            "400": {"description": "the question is off", "content": failed},
            "401": {"description": "no session", "content": failed},
            "404": {"description": "there is no such thing here", "content": failed},
            "default": {"description": "it could not be answered", "content": failed},
        },
    }


def _path_parameters(path: str) -> list[tuple[str, str]]:
    found = []
    for part in path.split("{")[1:]:
        name, _, kind = part.partition("}")[0].partition(":")
        found.append((name, "integer" if kind == "int" else "string"))
    return found


def _schema(one: Parameter) -> dict[str, Any]:
    return {"type": "string", "enum": list(one.values)} if one.values else {"type": one.kind}


def _envelope(is_ok: bool, key: str, inner: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["ok", key],
        "properties": {"ok": {"const": is_ok}, key: inner},
    }
