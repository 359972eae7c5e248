"""The guard that keeps tests off the network does keep them off."""

from __future__ import annotations

import os
import socket
import threading
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import NetworkBlocked, is_loopback


def test_an_outward_connection_is_refused_before_it_leaves() -> None:
    # 192.0.2.0/24 is for documentation: nothing answers there even if the guard fails.
    with socket.socket() as client:
        client.settimeout(0.2)
        with pytest.raises(NetworkBlocked):
            client.connect(("192.0.2.1", 80))


def test_a_datagram_is_refused() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client, pytest.raises(NetworkBlocked):
        client.sendto(b"x", ("192.0.2.1", 53))


def test_a_name_is_not_looked_up_even_inside_a_broad_except() -> None:
    def fetch() -> None:
        try:
            urllib.request.urlopen("http://archive.invalid/", timeout=0.2)
        except Exception:  # noqa: BLE001 (the widest net that code under test may throw)
            pytest.fail("the guard was swallowed")

    with pytest.raises(NetworkBlocked):
        fetch()


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard: list[bytes] = []

        def answer() -> None:
            peer, _ = server.accept()
            with peer:
                heard.append(peer.recv(5))

        thread = threading.Thread(target=answer)
        thread.start()
        with socket.create_connection(server.getsockname(), timeout=5) as client:
            client.sendall(b"hello")
        thread.join(5)
    assert heard == [b"hello"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        (b"localhost", True),
        (None, True),
        ("10.0.0.1", False),
        ("a.b", False),
    ],
)
def test_loopback_is_told_from_the_rest(host: object, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_the_users_settings_are_out_of_sight() -> None:
    assert not [name for name in os.environ if name.startswith("HOLDFAST_")]
    assert list(Path.home().iterdir()) == []
