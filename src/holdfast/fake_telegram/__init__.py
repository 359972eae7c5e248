"""A Telegram of cardboard: plays a scenario's preview pages on loopback."""

from holdfast.fake_telegram.answers import (
    Answer,
    Request,
    answer,
    render_channel,
    render_landing,
    render_post,
)
from holdfast.fake_telegram.clock import ScenarioClock
from holdfast.fake_telegram.history import ChannelState, PostState, TrueEvent
from holdfast.fake_telegram.journal import Asked, Journal
from holdfast.fake_telegram.reading import load_scenario, parse_scenario
from holdfast.fake_telegram.scenario import Scenario
from holdfast.fake_telegram.server import FakeServer
from holdfast.fake_telegram.threads import serve_in_thread
from holdfast.fake_telegram.tour import demo_scenario, reconstruction, reconstruction_transcript

__all__ = [
    "Answer",
    "Asked",
    "ChannelState",
    "FakeServer",
    "Journal",
    "PostState",
    "Request",
    "Scenario",
    "ScenarioClock",
    "TrueEvent",
    "answer",
    "demo_scenario",
    "load_scenario",
    "parse_scenario",
    "reconstruction",
    "reconstruction_transcript",
    "render_channel",
    "render_landing",
    "render_post",
    "serve_in_thread",
]
