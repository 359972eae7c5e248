"""The built-in scenarios for the tour: two days of a channel that never was, and a channel made up to fit a report."""

from __future__ import annotations

from importlib.resources import files

from holdfast.fake_telegram.reading import parse_scenario
from holdfast.fake_telegram.scenario import Scenario

__all__ = ["demo_scenario", "reconstruction", "reconstruction_transcript"]


def demo_scenario() -> Scenario:
    """Two days in the life of an invented channel; `tour.toml` beside this module tells them."""
    source = files("holdfast.fake_telegram").joinpath("tour.toml").read_bytes()
    return parse_scenario(source, "tour.toml")


def reconstruction() -> Scenario:
    """Two weeks of a channel made up to fit the figures of a newspaper's report; `reconstruction.toml` tells them."""
    source = files("holdfast.fake_telegram").joinpath("reconstruction.toml").read_bytes()
    return parse_scenario(source, "reconstruction.toml")


def reconstruction_transcript() -> bytes:
    """What is said in the reconstruction's nine-minute video, as SubRip: invented, like the video."""
    return files("holdfast.fake_telegram").joinpath("reconstruction.srt").read_bytes()
