"""`holdfast init`: makes a vault and its keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from holdfast.archive import create
from holdfast.cli.call import Call, passphrase_from
from holdfast.cli.output import plain
from holdfast.errors import UsageError
from holdfast.vault.format.key import encode_vkey

__all__ = ["run"]


def run(
    path: Path | None = None,
    /,
    *,
    origin: str,
    encrypt_keys: Annotated[bool, Parameter(negative="")] = False,
    call: Call = Call(),  # noqa: B008 (frozen)
) -> int:
    """Make a vault and its signing keys.

    Parameters
    ----------
    path
        The folder to make; the vault option's by default.
    origin
        The log's name for ever, as HOST/NAME without a scheme, such as archive.example.org/channel-watch. Nobody else may use it.
    encrypt_keys
        Encrypt the signing keys with a passphrase (HOLDFAST_PASSPHRASE, else asked for).
    """
    output = call.output()
    settings = call.settings()
    vault = path or settings.vault
    passphrase = passphrase_from(settings) if encrypt_keys or settings.passphrase else None
    if encrypt_keys and not passphrase:
        raise UsageError("no passphrase was given", remedy="set HOLDFAST_PASSPHRASE, or run at a terminal")
    identity = create(vault, origin, passphrase=passphrase)
    keys = [encode_vkey(key) for key in identity.keys]
    if output.json:
        output.answer(
            {"vault": str(vault), "origin": identity.origin, "keys": keys, "created_at": identity.created_at}
        )
        return 0
    output.line(f"vault    {plain(str(vault))}")
    output.line(f"origin   {plain(identity.origin)}")
    output.line(f"key      {keys[0]}")
    if len(keys) > 1:
        output.line(f"         and an ML-DSA-44 key, {identity.keys[1].label} (whole in vault.json)")
    output.note(
        f"Give the key line to those who shall verify. Keep a copy of {vault / 'keys'}{'' if passphrase else ' in a safe place'}:"
        " without it nothing can be added."
    )
    return 0
