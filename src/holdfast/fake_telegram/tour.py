"""The built-in scenario for the tour: two days of a channel that never was."""

from __future__ import annotations

from importlib.resources import files

from holdfast.fake_telegram.reading import parse_scenario
from holdfast.fake_telegram.scenario import Scenario

__all__ = ["demo_scenario"]


def demo_scenario() -> Scenario:
    """Two days in the life of an invented channel; `tour.toml` beside this module tells them."""
    source = files("holdfast.fake_telegram").joinpath("tour.toml").read_bytes()
    return parse_scenario(source, "tour.toml")
