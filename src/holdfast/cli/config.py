"""`holdfast config show`: says which settings hold and where each came from."""

from __future__ import annotations

from cyclopts import App

from holdfast.cli.call import Call
from holdfast.cli.output import plain

__all__ = ["app"]

app = App(name="config", help="Look at the settings.", result_action="return_value", help_format="plaintext")


@app.command
def show(*, call: Call = Call()) -> int:  # noqa: B008 (frozen)
    """Say which settings hold and where each came from: flag, environment, file or default."""
    output = call.output()
    settings = call.settings()
    if output.json:
        output.answer({"file": str(settings.file), "settings": settings.found})
        return 0
    output.line(f"file  {plain(str(settings.file))}{'' if settings.file.exists() else ' (not there)'}")
    for each in settings.found:
        output.line(
            f"{each.name:<12} {plain(str(each.value)) if each.value is not None else '–':<40} {each.origin}"
        )
    return 0
