"""Which addresses may be asked: allowed names, and no way into a private network; pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

import httpx
import msgspec

from holdfast.errors import UsageError

__all__ = ["Hosts", "Target", "is_public"]

_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_REMEDY = (
    "only public addresses on the allowed hosts are asked; name another host in the settings if it is meant"
)

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA special-purpose registries: what is not globally reachable. Written out because `is_global` differs between
# releases of Python. 168.63.129.16 is a cloud's own service on a public number.
_V4_CLOSED = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24"
        " 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3"
    ).split()
)
_V6_OPEN = ipaddress.IPv6Network("2000::/3")
_V6_CLOSED = tuple(ipaddress.IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "3fff::/20"))
_V6_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_V6_6TO4 = ipaddress.IPv6Network("2002::/16")
_V6_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet; one that carries an IPv4 address is as public as that.

    Errors: ValueError if it is no address. Source: IANA IPv4 and IPv6 Special-Purpose Address Registries.
    """
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in network for network in _V4_CLOSED)
    if found.scope_id is not None:
        return False
    if found in _V6_MAPPED or found in _V6_NAT64:
        return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    if found in _V6_6TO4:
        return is_public(str(ipaddress.IPv4Address(int(found) >> 80 & 0xFFFFFFFF)))
    return found in _V6_OPEN and not any(found in network for network in _V6_CLOSED)


class Target(msgspec.Struct, frozen=True):
    """An address that may be asked. `host` is a name, or an IP address if `is_address`.

    `private`: this host may lie in a private network. `path` is the request's target, query included.
    """

    url: str
    scheme: str
    host: str
    port: int
    path: str
    private: bool
    is_address: bool

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, address: str) -> str:
        """The same address with an IP address in place of the name."""
        host = f"[{address}]" if ":" in address else address
        return f"{self.scheme}://{host}:{self.port}{self.path}"


class Hosts:
    """The allowed hosts. Entries: "t.me", ".telegram.org" (every name below it), "*" (every public host),
    each with ":PORT" if it is not 80 or 443; "127.0.0.1:8080", "[::1]:8080".

    A host in a private network needs both `allow_private` and an entry that names it in full.
    """

    def __init__(self, entries: Iterable[str], *, allow_private: bool = False) -> None:
        """Errors: UsageError if an entry is no host."""
        self._allow_private = allow_private
        self._exact: set[tuple[str, int | None]] = set()
        self._below: list[tuple[str, int | None]] = []
        for entry in entries:
            host, port = _parse_entry(entry)
            if host.startswith(".") or host == "*":
                self._below.append((host.removeprefix("*"), port))
            else:
                self._exact.add((host, port))

    def target(self, url: str) -> Target:
        """Errors: UsageError if the address is no web address or may not be asked."""
        try:
            parsed = httpx.URL(url)
            scheme, port = parsed.scheme, parsed.port
            host = parsed.raw_host.decode("ascii").removesuffix(".")
            path = parsed.raw_path.decode("ascii")
        except (httpx.InvalidURL, ValueError) as error:
            raise UsageError("not a web address that can be asked", remedy=_REMEDY) from error
        if scheme not in _PORTS:
            raise UsageError(f"only http and https addresses are asked, not {scheme[:20]!r}", remedy=_REMEDY)
        if parsed.userinfo:
            raise UsageError("an address must not carry a user name or password", remedy=_REMEDY)
        host, literal = _parse_host(host)
        port = _PORTS[scheme] if port is None else port
        if not 0 < port < 65536:
            raise UsageError(f"there is no port {port}", remedy=_REMEDY)
        exact = self._named(host, port)
        if not exact and not self._allowed_below(host, port, literal):
            raise UsageError(f"{host[:100]} port {port} is not among the allowed hosts", remedy=_REMEDY)
        private = exact and self._allow_private
        if literal is not None:
            _check_literal(host, literal, private)
        target = Target("", scheme, host, port, path, private, literal is not None)
        return msgspec.structs.replace(target, url=f"{scheme}://{target.authority}{path}")

    def _named(self, host: str, port: int) -> bool:
        return (host, port) in self._exact or (port in _PORTS.values() and (host, None) in self._exact)

    def _allowed_below(self, host: str, port: int, literal: _Address | None) -> bool:
        for suffix, entry_port in self._below:
            fits = port in _PORTS.values() if entry_port is None else port == entry_port
            # An IP address has no names below it, whatever its last digits are.
            if fits and (not suffix or (literal is None and host.endswith(suffix) and host != suffix)):
                return True
        return False


def _parse_entry(entry: str) -> tuple[str, int | None]:
    text = entry.strip().lower()
    found = re.fullmatch(
        r"(\[[0-9a-f:.]+\]|[^:\[\]]+|[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*)(?::([0-9]{1,5}))?", text
    )
    if found is None:
        raise UsageError(f"not a host: {entry[:100]!r}")
    host, port = found[1].strip("[]").removesuffix("."), int(found[2]) if found[2] else None
    if port is not None and not 0 < port < 65536:
        raise UsageError(f"not a host: {entry[:100]!r}")
    if host == "*":
        return host, port
    if host.startswith("."):
        return "." + _parse_host(host[1:])[0], port
    return _parse_host(host)[0], port


def _parse_host(host: str) -> tuple[str, _Address | None]:
    """A host in its one spelling, and its IP address if it is one. Errors: UsageError."""
    if not host.isascii():
        try:
            host = httpx.URL(f"http://{host}/").raw_host.decode("ascii")
        except (httpx.InvalidURL, ValueError) as error:
            raise UsageError(f"not a host: {host[:100]!r}") from error
    try:
        literal = None if "%" in host else ipaddress.ip_address(host)
    except ValueError:
        literal = None
    if literal is not None:
        return str(literal), literal
    # Name lookups take 2130706433, 0x7f.1 or 0177.0.0.1 for addresses; no real name ends in a number.
    if len(host) > 253 or not _NAME.fullmatch(host) or _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise UsageError(f"not a host: {host[:100]!r}", remedy=_REMEDY)
    return host, None


def _check_literal(host: str, literal: _Address, private: bool) -> None:
    if literal.is_unspecified or literal.is_multicast or (not private and not is_public(host)):
        raise UsageError(f"{host} is not a public address", remedy=_REMEDY)
