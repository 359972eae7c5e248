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

__all__ = ["VERBS", "main"]

VERBS = {
    "init": "Make a vault and its signing keys.",
    "import": "Take a Telegram Desktop export into the vault.",
    "watch": "Keep watching channels: their posts, counters, labels, edits and disappearances.",
    "login": "Log in to Telegram with your account, for `watch --api`.",
    "timeline": "Show what changed of a channel and its posts, as intervals with receipts.",
    "find": "Find posts by their words, in any spelling or script.",
    "show": "Show a post, its revisions, its media, and the entries that prove it.",
    "prove": "Write all that a stranger needs to check posts or entries into a folder.",
    "check": "Hold what a news report says against what was captured.",
    "serve": "Show the archive in a browser, on this machine.",
    "verify": "Check a vault or a proof folder from its bytes alone.",
    "status": "Say what the vault holds: channels, posts, captures, checkpoint.",
    "rebuild": "Make the tables and the search index anew from the vault alone.",
    "config": "Look at the settings.",
    "demo": "Take the tour, on a made-up channel or on an export of yours.",
}
"""In the order of a first day's use. A verb is imported when it is called: the lines here are for the overview."""

MODULES = {"import": "import_"}
"""Verbs whose module cannot bear their name."""
INTERRUPTED = 130


def _app(*, overview: bool) -> App:
    """The command line. With `overview` verbs are described by their lines here, without importing any."""
    app = App(
        name="holdfast",
        help="Keep what a public channel published, how it changed, and the proof that nothing was altered since.",
        version=__version__,
        version_flags=["--version"],
        help_flags=["--help", "-h"],
        help_format="plaintext",
        result_action="return_value",
        suppress_keyboard_interrupt=False,  # a command that was interrupted says so itself
    )
    for place, (verb, line) in enumerate(VERBS.items()):
        entrance = f"holdfast.cli.{MODULES.get(verb, verb)}:{'app' if verb == 'config' else 'run'}"
        app.command(entrance, name=verb, help=line if overview else None, sort_key=place)
    return app


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
        app = _app(overview=not words or words[0] not in VERBS)
        found = app(words, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except CycloptsError as error:
        output.error(UsageError(plain(str(error)).strip(), remedy=_help_for(words)))
        return UsageError.exit_code
    except HoldfastError as error:
        output.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        output.failure(
            "interrupted", "interrupted", "run the same command again: what was sealed so far stays"
        )
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away, as `| head` does. Nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 (the last door: a bug must still give a clear line and exit code 1)
        where = traceback.extract_tb(error.__traceback__)[-1]
        output.failure(
            "bug",
            f"a bug: {type(error).__name__} in {os.path.basename(where.filename)}:{where.lineno}",
            "please report this line; set HOLDFAST_DEBUG=1 for the whole trace",
        )
        if os.environ.get("HOLDFAST_DEBUG"):
            traceback.print_exc()
        return 1
    return found if isinstance(found, int) else 0


def _help_for(words: Sequence[str]) -> str:
    verb = words[0] if words and words[0] in VERBS else ""
    return f"see `holdfast {verb} --help`".replace("  ", " ")
