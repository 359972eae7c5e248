"""The options that every verb takes, and the archive they lead to."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from holdfast.archive import Archive
from holdfast.cli.output import Output
from holdfast.settings import Settings, load_settings

__all__ = ["Call", "passphrase_from"]


@Parameter(name="*")
@dataclass(frozen=True)
class Call:
    """Options of every verb.

    Parameters
    ----------
    vault
        The vault to use: this flag, then $HOLDFAST_VAULT, then the file's `vault`, then ./vault.
    json
        Answer as one line of JSON on stdout.
    log_json
        Log as one JSON object a line on stderr.
    """

    vault: Path | None = None
    json: Annotated[bool, Parameter(negative="")] = False
    log_json: Annotated[bool, Parameter(negative="")] = False

    def settings(self, flags: Mapping[str, Any] | None = None) -> Settings:
        """The settings of this call; `flags` are those of its verb."""
        return load_settings({"vault": self.vault, **(flags or {})})

    def output(self) -> Output:
        return Output(json=self.json)

    def archive(self, output: Output, flags: Mapping[str, Any] | None = None) -> Archive:
        """The archive this call speaks of. Errors: VaultError."""
        settings = self.settings(flags)
        return Archive.open(
            settings.vault,
            passphrase=lambda: passphrase_from(settings),
            workers=settings.workers,
            report=output.report,
            record_host=settings.record_host,
        )


def passphrase_from(settings: Settings) -> str | None:
    """The passphrase of the signing keys: from the environment, else asked for at a terminal."""
    if settings.passphrase:
        return settings.passphrase
    if sys.stdin.isatty():
        return getpass.getpass("passphrase of the signing keys: ")
    return None
