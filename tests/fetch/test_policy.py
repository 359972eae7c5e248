"""What may be set, and that a proxy's password is not shown."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.errors import UsageError
from holdfast.fetch import IDENTIFYING_USER_AGENT, PLAIN_USER_AGENT, Policy


def test_by_default_nobody_may_be_asked_and_we_say_who_we_are() -> None:
    policy = Policy()
    assert policy.allowed_hosts == ()
    assert not policy.allow_private
    assert policy.user_agent == IDENTIFYING_USER_AGENT
    assert IDENTIFYING_USER_AGENT.startswith("Holdfast/")
    assert "Holdfast" not in PLAIN_USER_AGENT
    assert (policy.per_host_rate, policy.per_host_concurrency, policy.retries) == (1.0, 2, 3)


@pytest.mark.parametrize(
    "changes",
    [
        {"per_host_rate": 0},
        {"per_host_rate": float("nan")},
        {"per_host_concurrency": 0},
        {"max_bytes": -1},
        {"retries": -1},
        {"max_wait_s": float("nan")},
        {"read_timeout_s": 0},
        {"user_agent": ""},
        {"user_agent": "a\r\nCookie: b"},
        {"user_agent": " a"},
        {"user_agent": "агент"},
        {"proxy": "socks4://127.0.0.1:1"},
        {"proxy": "127.0.0.1:9050"},
        {"proxy": "socks5://"},
        {"proxy": "http://[half"},
        {"proxy": "http://a:port/"},
        {"allowed_hosts": ("http://t.me",)},
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Policy(**changes)


def test_a_proxys_password_is_neither_shown_nor_put_into_errors() -> None:
    assert "secret" not in repr(Policy(proxy="socks5h://me:secret@127.0.0.1:9050"))
    assert "socks5h" in repr(Policy(proxy="socks5h://me:secret@127.0.0.1:9050"))
    assert "proxy" not in repr(Policy())
    with pytest.raises(UsageError) as caught:
        Policy(proxy="gopher://me:secret@127.0.0.1/")
    assert "secret" not in str(caught.value)
