"""Coverage floors are held: the trust core by module, everything else by the total."""

from __future__ import annotations

from typing import Any

import pytest

from tools import floors

TABLE = {
    "everything": 85,
    "trust_core": 100,
    "trust_core_modules": ["holdfast.vault.canon", "holdfast.verify"],
}


def measured(covered: int, branches: int, covered_branches: int) -> dict[str, Any]:
    summary = {
        "num_statements": 10,
        "covered_lines": covered,
        "num_branches": branches,
        "covered_branches": covered_branches,
    }
    missing = [[3, 4]] * (branches - covered_branches)
    return {"summary": summary, "missing_lines": [7] * (10 - covered), "missing_branches": missing}


def report(percent: float = 90.0) -> dict[str, Any]:
    files = {
        "src/holdfast/vault/canon.py": measured(10, 4, 4),
        "src/holdfast/verify/__init__.py": measured(10, 0, 0),
        "src/holdfast/cli/show.py": measured(1, 0, 0),
    }
    return {"files": files, "totals": {"percent_covered": percent}}


def test_floors_that_are_met_give_no_findings() -> None:
    assert floors.check_floors(report(), TABLE) == []


@pytest.mark.parametrize("core", [measured(9, 4, 4), measured(10, 4, 3)])
def test_one_missing_line_or_branch_of_the_trust_core_is_named(core: dict[str, Any]) -> None:
    data = report()
    data["files"]["src/holdfast/verify/proof.py"] = core
    (finding,) = floors.check_floors(data, TABLE)
    assert "holdfast.verify.proof misses" in finding


def test_a_total_below_its_floor_is_named() -> None:
    (finding,) = floors.check_floors(report(percent=84.99), TABLE)
    assert "84.99 % is below the floor of 85 %" in finding


def test_a_core_module_that_was_not_measured_is_named() -> None:
    data = report()
    del data["files"]["src/holdfast/verify/__init__.py"]
    (finding,) = floors.check_floors(data, TABLE)
    assert "holdfast.verify is listed in pyproject.toml" in finding


def test_module_names_follow_from_paths() -> None:
    assert floors.module_of("src/holdfast/verify/__init__.py") == "holdfast.verify"
    assert floors.module_of("/x/holdfast/src/holdfast/vault/canon.py") == "holdfast.vault.canon"
