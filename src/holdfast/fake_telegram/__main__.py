"""Plays a scenario from the command line: `python -m holdfast.fake_telegram scenario.toml`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from holdfast.errors import UsageError
from holdfast.fake_telegram.clock import ScenarioClock
from holdfast.fake_telegram.reading import load_scenario
from holdfast.fake_telegram.scenario import Scenario
from holdfast.fake_telegram.server import FakeServer
from holdfast.fake_telegram.tables import parse_span
from holdfast.fake_telegram.tour import demo_scenario


def main(arguments: list[str] | None = None) -> int:
    """Play until Ctrl-C. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m holdfast.fake_telegram", description="Play a scenario's preview pages on loopback."
    )
    parser.add_argument("scenario", nargs="?", type=Path, help="a TOML file; without one, the built-in tour")
    parser.add_argument("--port", type=int, default=0, help="where to listen (default: any free port)")
    parser.add_argument(
        "--speed", type=float, default=1.0, help="scenario seconds in one second (default: 1)"
    )
    parser.add_argument(
        "--at", default="+0s", help='where to begin, from the start: "+10h" (default: the start)'
    )
    given = parser.parse_args(arguments)
    try:
        scenario = demo_scenario() if given.scenario is None else load_scenario(given.scenario)
        offset = parse_span(given.at)
        if offset is None:
            raise UsageError(f"--at {given.at} is no span of time", remedy='write it as "+10h" or "-1d"')
        clock = ScenarioClock(scenario.start + offset, speed=given.speed)
        asyncio.run(_play(scenario, clock, given.port))
    except UsageError as error:
        print(f"{error.message}\n{error.remedy}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"cannot listen: {error.strerror or type(error).__name__}\ntry another --port", file=sys.stderr)
        return UsageError.exit_code
    except KeyboardInterrupt:
        pass  # that is how it ends
    return 0


async def _play(scenario: Scenario, clock: ScenarioClock, port: int) -> None:
    async with FakeServer(scenario, clock, port=port) as server:
        for channel in scenario.channels:
            print(f"{server.base_url}/s/{channel.username}")
        print(f"{scenario.name}: playing until Ctrl-C", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(main())
