"""Every exception that Holdfast raises, its exit code and its remedy.

    HoldfastError
    ├── UsageError             2   the words of the call are off
    ├── IncompleteError        3   done, but something was left out (counted and sealed)
    ├── FormatError            4   bytes are not of the format they claim
    ├── IntegrityError         4   bytes contradict what was signed or sealed
    ├── UncheckedError         5   a check could not be finished
    ├── VaultError
    │   ├── NoVaultError      10   there is no vault here
    │   ├── VaultLockedError  11   another writer has it
    │   ├── VersionError      12   written by a newer (or unknown older) program
    │   ├── ClockError        13   this machine's clock is behind the vault's last entry
    │   └── RollbackError      4   the vault's own state is behind what it published
    ├── StorageError          13   the disk refused: full, read-only, failing
    └── SourceError           20   what was to be captured cannot be read

Exit code 1 is a bug in Holdfast, 130 an interruption.
"""

from __future__ import annotations

__all__ = [
    "ClockError",
    "FormatError",
    "HoldfastError",
    "IncompleteError",
    "IntegrityError",
    "NoVaultError",
    "RollbackError",
    "SourceError",
    "StorageError",
    "UncheckedError",
    "UsageError",
    "VaultError",
    "VaultLockedError",
    "VersionError",
]


class HoldfastError(Exception):
    """Root of the tree. `message` says what and where; `remedy` says what to do about it."""

    exit_code = 1
    code = "error"
    default_remedy = "please report this; nothing sealed was harmed"

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy if remedy is not None else self.default_remedy

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders (jobs); the remedy must come along.
        return (_rebuild, (type(self), self.message, self.remedy))

    def __str__(self) -> str:
        return self.message


def _rebuild(kind: type[HoldfastError], message: str, remedy: str) -> HoldfastError:
    return kind(message, remedy=remedy)


class UsageError(HoldfastError):
    exit_code = 2
    code = "usage"
    default_remedy = "see `holdfast --help`"


class IncompleteError(HoldfastError):
    exit_code = 3
    code = "incomplete"
    default_remedy = "what was left out is listed above and sealed in the capture's own record"


class FormatError(HoldfastError):
    """The only error that a `parse_` function lets out."""

    exit_code = 4
    code = "format"
    default_remedy = "keep this copy untouched and fetch the file again from where it came from"


class IntegrityError(HoldfastError):
    exit_code = 4
    code = "integrity"
    default_remedy = "keep this copy untouched; compare it with a backup or a mirror"

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(f"keep this copy untouched: {message}", remedy=remedy)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_integrity, (self.message, self.remedy))


def _rebuild_integrity(message: str, remedy: str) -> IntegrityError:
    return IntegrityError(message.removeprefix("keep this copy untouched: "), remedy=remedy)


class UncheckedError(HoldfastError):
    exit_code = 5
    code = "unchecked"
    default_remedy = "make the named file readable and verify again"


class VaultError(HoldfastError):
    code = "vault"


class NoVaultError(VaultError):
    exit_code = 10
    code = "no_vault"
    default_remedy = "make one with `holdfast init PATH --origin HOST/NAME`, or name one with --vault"


class VaultLockedError(VaultError):
    exit_code = 11
    code = "locked"
    default_remedy = "wait for the other process, or stop it; reading needs no lock"


class VersionError(VaultError):
    exit_code = 12
    code = "version"
    default_remedy = "open it with the version of Holdfast that wrote it, or a newer one"


class ClockError(VaultError):
    exit_code = 13
    code = "clock"
    default_remedy = "set this machine's clock; entries must not go back in time"


class RollbackError(VaultError):
    exit_code = 4
    code = "rollback"
    default_remedy = (
        "keep this copy untouched; restore the newest state.db, or go on in a new vault whose first"
        " entry names this one's last checkpoint"
    )


class StorageError(HoldfastError):
    """A write failed. What was committed before it is whole; the process must stop and reopen."""

    exit_code = 13
    code = "storage"
    default_remedy = "free space or repair the disk, then run the same command again: it continues"


class SourceError(HoldfastError):
    exit_code = 20
    code = "source"
    default_remedy = "check the path or address; what could be read was kept"
