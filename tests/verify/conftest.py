"""Small sealed vaults, made once; each test wounds a copy of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.small_vault import copy_of, make_proof, make_vault


@pytest.fixture(scope="session")
def five(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault of 5 entries: one partial bundle, one tile."""
    return make_vault(tmp_path_factory.mktemp("five"), 5)


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault of 600 entries: two full bundles and a partial one, tiles of two levels."""
    return make_vault(tmp_path_factory.mktemp("many"), 600)


@pytest.fixture
def small(five: Path, tmp_path: Path) -> Path:
    """A copy of the vault of 5 entries."""
    return copy_of(five, tmp_path)


@pytest.fixture
def large(many: Path, tmp_path: Path) -> Path:
    """A copy of the vault of 600 entries."""
    return copy_of(many, tmp_path)


@pytest.fixture
def proof(five: Path, tmp_path: Path) -> Path:
    """The proof of post 1 of the vault of 5 entries, with its photo."""
    return make_proof(five, tmp_path / "proof", [0, 4], "1")
