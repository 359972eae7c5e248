"""Who may be asked: allowed names only, and no spelling of a private address gets through."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import UsageError
from holdfast.fetch.hosts import Hosts, is_public

TELEGRAM = Hosts(["t.me", ".telesco.pe", "telegram.org:8443", "BÜCHER.example"])


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://t.me/s/one?before=5#x", "https://t.me/s/one?before=5"),
        ("HTTP://T.ME", "http://t.me/"),
        ("https://t.me.:443/", "https://t.me/"),
        ("http://t.me:443/", "http://t.me:443/"),
        ("https://cdn4.telesco.pe/file/a b", "https://cdn4.telesco.pe/file/a%20b"),
        ("https://telegram.org:8443/", "https://telegram.org:8443/"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://t.me/канал", "https://t.me/%D0%BA%D0%B0%D0%BD%D0%B0%D0%BB"),
    ],
)
def test_allowed_addresses_are_taken_in_their_one_spelling(url: str, normal: str) -> None:
    assert TELEGRAM.target(url).url == normal


@pytest.mark.parametrize(
    "url",
    [
        "https://t.me.evil.example/",
        "https://evil-t.me/",
        "https://xt.me/",
        "https://telesco.pe/",  # ".telesco.pe" are the names below it
        "https://telesco.pe.evil.example/",
        "https://eviltelesco.pe/",
        "https://telegram.org/",
        "https://t.me:22/",
        "https://t.me:99999/",
        "https://t.me:0/",
        "ftp://t.me/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//t.me/",
        "t.me/s/one",
        "https://user@t.me/",
        "https://user:password@t.me/",
        "https://t.me\\@evil.example/",
        "https://evil.example\\@t.me/",
        "https://t.me%2f@evil.example/",
        "https://t.me%00.telesco.pe/",
        "https://a..telesco.pe/",
        "https:///x",
        "https://t.me\n/x",
        "https://[::1/",
        "https://" + "a" * 70_000,
        "https://" + "a." * 200 + "telesco.pe/",
        "",
        "https://t.me:port/",
    ],
)
def test_all_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(UsageError):
        TELEGRAM.target(url)


LOCAL = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0x7f.0x0.0x0.0x1", "0",
    "0.0.0.0", "0x", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "100.100.100.200", "168.63.129.16", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255", "198.18.0.1",
    "192.0.0.8", "192.0.2.1", "203.0.113.9", "198.51.100.7", "127.0.0.1.", "1.2.3.4.5", "08.8.8.8", "1.1",
    "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[fe80::1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]",
    "[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::808:808]", "[2002:7f00:1::]", "[2002:a00:1::1]",
    "[2001:db8::1]", "[2001::1]", "[100::1]", "[::ffff:0:127.0.0.1]", "[3fff::1]", "[5f00::1]", "[4000::1]",
    "①②⑦.⓪.⓪.①", "127。0。0。1",
]  # fmt: skip


@pytest.mark.parametrize("host", LOCAL)
@pytest.mark.parametrize("allow_private", [False, True])
def test_no_spelling_of_a_private_address_is_a_public_host(host: str, allow_private: bool) -> None:
    with pytest.raises(UsageError):
        Hosts(["*"], allow_private=allow_private).target(f"http://{host}/")


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "[2606:4700::1111]", "[::ffff:8.8.8.8]", "[64:ff9b::808:808]", "a.example"]
)
def test_public_hosts_are_allowed_where_any_host_is(host: str) -> None:
    assert Hosts(["*"]).target(f"https://{host}/x").path == "/x"


def test_a_private_host_needs_both_the_permission_and_its_name() -> None:
    assert Hosts(["127.0.0.1:80"], allow_private=True).target("http://127.0.0.1/").private
    assert Hosts(["[::1]:8080"], allow_private=True).target("http://[::1]:8080/").host == "::1"
    assert Hosts(["::1"], allow_private=True).target("http://[0:0:0:0:0:0:0:1]/").url == "http://[::1]/"
    for hosts in (
        Hosts(["127.0.0.1:80"]),
        Hosts(["*"], allow_private=True),
        Hosts([".0.0.1x"], allow_private=True),
        Hosts(["127.0.0.1:81"], allow_private=True),
        Hosts([], allow_private=True),
    ):
        with pytest.raises(UsageError):
            hosts.target("http://127.0.0.1/")


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "224.0.0.1", "[ff02::1]"])
def test_addresses_that_are_nobody_or_everybody_are_never_asked(host: str) -> None:
    with pytest.raises(UsageError):
        Hosts([host], allow_private=True).target(f"http://{host}/")


def test_names_may_lie_in_a_private_network_only_if_they_are_named_in_full() -> None:
    hosts = Hosts(["localhost:8000", ".local.example"], allow_private=True)
    assert hosts.target("http://localhost:8000/").private
    assert not hosts.target("http://a.local.example/").private


@pytest.mark.parametrize(
    "entry",
    ["", "t.me:0", "t.me:70000", "http://t.me", "t.me/x", "1.2.3", "a b", ".", "..a", "[t.me]", "é" * 80],
)
def test_an_entry_that_is_no_host_is_refused(entry: str) -> None:
    with pytest.raises(UsageError):
        Hosts([entry])


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_as_public_inside_ipv6_as_alone(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    for carried in (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
        assert is_public(str(ipaddress.IPv6Address(carried))) == is_public(str(address))
    if address.is_private or address.is_multicast or address.is_reserved or address.is_loopback:
        # The registry's few public islands inside 192.0.0.0/24 are closed here too.
        assert not is_public(str(address)) or str(address).startswith(
            ("192.31.196.", "192.52.193.", "192.175.48.")
        )


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_a_usage_error(text: str) -> None:
    for url in (text, f"https://{text}", f"https://t.me{text}", f"https://{text}.telesco.pe/"):
        try:
            target = TELEGRAM.target(url)
        except UsageError:
            continue
        assert target.host in ("t.me", "telegram.org", "xn--bcher-kva.example") or target.host.endswith(
            ".telesco.pe"
        )
