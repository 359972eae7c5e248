"""Words -> calls -> exit code; one file a verb."""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from holdfast import __version__
from holdfast.cli.output import Output, plain
from holdfast.errors import HoldfastError, UsageError

__all__ = ["app", "main"]

app = App(
    name="holdfast",
    help="Keep what a public channel published, how it changed, and the proof that nothing was altered since.",
    version=__version__,
    version_flags=["--version"],
    help_flags=["--help", "-h"],
    help_format="plaintext",
    result_action="return_value",
)

VERBS = ("init", "import", "find", "show", "prove", "verify", "status", "rebuild", "config", "demo")
"""In the order of a first day's use."""

for verb in VERBS:
    module = {"import": "import_", "config": "config"}.get(verb, verb)
    app.command(f"holdfast.cli.{module}:{'app' if verb == 'config' else 'run'}", name=verb)


class _JSONLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        found = {"level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        return json.dumps(found, ensure_ascii=False)


def main(words: Sequence[str] | None = None) -> int:
    """Run one call and return its exit code. Effects: writes to stdout and stderr."""
    words = list(sys.argv[1:] if words is None else words)
    output = Output(json="--json" in words)
    handler = logging.StreamHandler()
    handler.setFormatter(
        _JSONLines() if "--log-json" in words else logging.Formatter("holdfast: %(message)s")
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    try:
        found = app(words, exit_on_error=False, print_error=False)
        sys.stdout.flush()
        return found if isinstance(found, int) else 0
    except CycloptsError as error:
        output.error(UsageError(plain(str(error)).strip(), remedy=_help_for(words)))
        return UsageError.exit_code
    except HoldfastError as error:
        output.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        output.end_progress()
        output.people.print("holdfast: interrupted; what was sealed so far stays, the same command continues")
        return 130
    except BrokenPipeError:
        # The reader of our output went away, as `| head` does. Nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 (the last door: a bug must still give a clear line and exit code 1)
        output.end_progress()
        where = traceback.extract_tb(error.__traceback__)[-1]
        output.people.print(
            f"holdfast: a bug: {type(error).__name__} in {os.path.basename(where.filename)}:{where.lineno}"
        )
        output.people.print("  what to do: please report this line; set HOLDFAST_DEBUG=1 for the whole trace")
        if os.environ.get("HOLDFAST_DEBUG"):
            traceback.print_exc()
        return 1


def _help_for(words: Sequence[str]) -> str:
    verb = words[0] if words and words[0] in VERBS else ""
    return f"see `holdfast {verb} --help`".replace("  ", " ")
