"""What every test stands on: no network beyond loopback, no settings of the user, reproducible examples."""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path
from typing import Any

import hypothesis
import pytest

hypothesis.settings.register_profile(
    "holdfast",
    deadline=None,  # a busy machine is no failure
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("holdfast")


LOOKUPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})


class NetworkBlocked(BaseException):
    """A test reached for the network. Not an Exception: code under test must not be able to swallow it."""


def is_loopback(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def block_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook. Seen here are calls from C as well, and a hook cannot be taken off again.

    CI runs the same tests in a network namespace of their own (.ci/run); this guard is for everywhere else.
    """
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        # Unix sockets have no tuple; a connected socket's sendmsg names no address.
        if isinstance(address, tuple) and address and not is_loopback(address[0]):
            raise NetworkBlocked(f"{event} to {address[0]!r}")
    elif event in LOOKUPS and not is_loopback(arguments[0]):
        raise NetworkBlocked(f"{event} of {arguments[0]!r}")


sys.addaudithook(block_network)


@pytest.fixture(autouse=True)
def no_settings_of_the_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Tests see neither the user's HOLDFAST_ variables nor their files."""
    for name in os.environ:
        if name.startswith(("HOLDFAST_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path_factory.getbasetemp() / "home"))
    (tmp_path_factory.getbasetemp() / "home").mkdir(exist_ok=True)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this repository."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data(repository: Path) -> Path:
    """Real samples that are no part of this repository; without them the tests that want them are skipped."""
    folder = repository.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside this repository: real samples are not tested here")
    return folder


@pytest.fixture(scope="session")
def published_vectors(repository: Path) -> Path:
    """Published test vectors; where CI=true their absence is a failure, never a skip."""
    folder = repository.parent / "shared" / "data" / "vectors"
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("published vectors are missing: ../shared/data/vectors must exist where CI=true")
        pytest.skip("no ../shared/data/vectors beside this repository")
    return folder


@pytest.fixture
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one while the test runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
