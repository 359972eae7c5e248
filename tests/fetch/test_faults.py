"""What the network's failures are called when loopback cannot bring them about."""

from __future__ import annotations

import errno
import socket
import ssl

import httpx
import pytest

from holdfast.fetch.faults import lookup_fault, opening_fault, reading_fault


def caused(by: BaseException) -> httpx.ConnectError:
    error = httpx.ConnectError("All connection attempts failed")
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (httpx.ConnectTimeout(""), ("timed out", "no connection in time")),
        (httpx.WriteTimeout(""), ("timed out", "no answer in time")),
        (caused(OSError(errno.ENETUNREACH, "x")), ("network", "the connection failed (ENETUNREACH)")),
        (caused(OSError(errno.EHOSTUNREACH, "x")), ("network", "the connection failed (EHOSTUNREACH)")),
        (caused(OSError(99999, "x")), ("network", "the connection failed (unknown)")),
        (
            caused(socket.gaierror(socket.EAI_NONAME, "x")),
            ("network", "the proxy's name could not be looked up"),
        ),
        (caused(ssl.SSLError(1, "their words")), ("tls", "no secure connection (no reason given)")),
        (AssertionError("their words"), ("network", "the connection failed (AssertionError)")),
        (httpx.ProxyError("their words"), ("network", "the proxy made no connection")),
    ],
)
def test_no_answer_has_one_name_and_their_words_are_not_in_it(
    error: Exception, fault: tuple[str, str]
) -> None:
    assert opening_fault(error, in_handshake=False) == fault


def test_a_chain_of_causes_that_bites_its_tail_ends() -> None:
    one, two = ValueError(), ValueError()
    one.__cause__, two.__cause__ = two, one
    assert opening_fault(one, in_handshake=True)[0] == "tls"


def test_a_body_that_broke_off_is_told_from_one_that_fell_silent() -> None:
    assert reading_fault(httpx.ReadTimeout(""))[0] == "timed out"
    assert reading_fault(httpx.ReadError(""))[0] == "cut"


def test_a_name_server_out_of_reach_says_nothing_of_the_name() -> None:
    assert lookup_fault(socket.gaierror(socket.EAI_AGAIN, ""))[0] == "network"
    assert lookup_fault(socket.gaierror(socket.EAI_FAIL, ""))[0] == "network"
    assert lookup_fault(socket.gaierror(socket.EAI_NONAME, ""))[0] == "name not found"
