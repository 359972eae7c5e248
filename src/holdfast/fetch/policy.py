"""How the door behaves: whom it asks, how fast, how long, how much; one frozen object."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from holdfast import __version__
from holdfast.errors import UsageError
from holdfast.fetch.hosts import Hosts

__all__ = ["IDENTIFYING_USER_AGENT", "PLAIN_USER_AGENT", "Policy"]

IDENTIFYING_USER_AGENT = f"Holdfast/{__version__} (+evidence archive)"
PLAIN_USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
"""What an ordinary browser sends, for those who must not stand out."""

_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
_VISIBLE = re.compile(r"[\x20-\x7e]+")


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What the user allows.

    `allowed_hosts`: see `Hosts`. `allow_private`: hosts named there in full may lie in a private network or on this
    machine. `proxy`: http, https, socks5 or socks5h address (Tor: socks5h://127.0.0.1:9050); the proxy looks names
    up, in every one of the four, so then only names are checked, and a name that leads into the proxy's own network
    is the proxy's to refuse. Units: `per_host_rate` requests a second; `_s` seconds; `slowest_bytes_s` bytes a second
    below which an answer counts as stalled once `total_timeout_s` is over. `retries`: attempts after the first.
    `max_wait_s`: the longest pause that is waited out; a longer one is handed back to the caller.
    """

    allowed_hosts: tuple[str, ...] = ()
    allow_private: bool = False
    proxy: str | None = None
    user_agent: str = IDENTIFYING_USER_AGENT
    per_host_rate: float = 1.0
    per_host_concurrency: int = 2
    connect_timeout_s: float = 15.0
    read_timeout_s: float = 30.0
    total_timeout_s: float = 60.0
    slowest_bytes_s: float = 4096.0
    max_bytes: int = 16 << 20
    retries: int = 3
    backoff_s: float = 1.0
    backoff_max_s: float = 60.0
    max_wait_s: float = 120.0

    def __post_init__(self) -> None:
        """Errors: UsageError."""
        Hosts(self.allowed_hosts)
        positive = (
            self.per_host_rate,
            self.per_host_concurrency,
            self.connect_timeout_s,
            self.read_timeout_s,
            self.total_timeout_s,
            self.slowest_bytes_s,
            self.max_bytes,
        )
        not_negative = (self.retries, self.backoff_s, self.backoff_max_s, self.max_wait_s)
        # Written so that a number which is none fails too.
        if not all(value > 0 for value in positive) or not all(value >= 0 for value in not_negative):
            raise UsageError("a limit of the door to the web is zero, negative or no number")
        if not _VISIBLE.fullmatch(self.user_agent) or self.user_agent != self.user_agent.strip():
            raise UsageError("the user agent must be visible ASCII characters")
        if self.proxy is not None:
            try:
                parts = urlsplit(self.proxy)
                known = parts.scheme in _PROXY_SCHEMES and bool(parts.hostname) and parts.port != 0
            except ValueError:
                known = False
            if not known:
                # The address is not repeated: it may hold a password.
                raise UsageError(f"a proxy is an address that begins with {', '.join(_PROXY_SCHEMES)}")

    def __repr__(self) -> str:
        """Without the proxy's address, which may hold a password."""
        proxy = "" if self.proxy is None else f", proxy={self.proxy.partition(':')[0]}://…"
        return f"Policy(allowed_hosts={self.allowed_hosts!r}{proxy})"
