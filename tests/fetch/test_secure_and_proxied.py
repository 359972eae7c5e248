"""TLS by the host's name, and proxies that look names up themselves."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from holdfast.errors import UsageError
from holdfast.fetch import Door
from tests.fetch.servers import Asked, door_for, listening, policy_for, says, sends, serving

NAMES = ["t.example", "127.0.0.1"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate with its key, for t.example and loopback."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "t.example")])
    begin = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=36500))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("t.example"), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def to_loopback(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def test_the_certificate_is_checked_for_the_name_though_the_connection_goes_to_an_address(
    certificate: Path,
) -> None:
    async def main() -> None:
        asked_for: list[str | None] = []
        context = server_side(certificate)
        context.sni_callback = lambda _socket, name, _context: asked_for.append(name)
        trusting = ssl.create_default_context(cafile=str(certificate))
        async with serving(says(200, b"secure"), tls=context) as server:
            hosts = tuple(f"{name}:{server.port}" for name in ("t.example", "other.example", "127.0.0.1"))
            policy = policy_for(allowed_hosts=hosts)
            async with Door(policy, resolve=to_loopback, tls=trusting) as door:
                good = await door.get(f"https://t.example:{server.port}/x")
                assert (good.outcome, good.body(), good.address) == ("answered", b"secure", "127.0.0.1")
                assert (await door.get(f"https://127.0.0.1:{server.port}/x")).outcome == "answered"
                # The same address and an open connection, but not the name that the certificate is for.
                bad = await door.get(f"https://other.example:{server.port}/x")
                assert (bad.outcome, bad.status, bad.request_headers) == ("tls", None, ())
                assert "certificate" in bad.detail
            assert asked_for == ["t.example", None, "other.example"]
            assert len(server.asked) == 2

    asyncio.run(main())


def test_a_certificate_that_nobody_vouches_for_is_refused_and_not_tried_again(certificate: Path) -> None:
    async def main() -> None:
        async with serving(says(), tls=server_side(certificate)) as server:
            async with Door(policy_for(server, retries=3)) as door:
                exchange = await door.get(server.url("/", "https"))
            assert (exchange.outcome, exchange.status, exchange.request_headers) == ("tls", None, ())
            assert server.asked == []

    asyncio.run(main())


@pytest.mark.parametrize("raw", [b"HTTP/1.1 400 Bad\r\n\r\n", b"", b"\x15\x03\x01\x00\x02\x02\x28"])
def test_a_server_that_speaks_no_tls_is_told_apart(raw: bytes) -> None:
    async def main() -> None:
        async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(raw)

        async with listening(answers) as port, door_for(allowed_hosts=(f"127.0.0.1:{port}",)) as door:
            exchange = await door.get(f"https://127.0.0.1:{port}/")
        assert (exchange.outcome, exchange.request_headers) == ("tls", ())

    asyncio.run(main())


# --- proxies ---------------------------------------------------------------------------------------------------


class Socks:
    """A SOCKS5 proxy (RFC 1928) on loopback that connects every name to one server, or answers as told."""

    def __init__(
        self, server_port: int, *, reply: int = 0, raw: bytes | None = None, user: bytes = b""
    ) -> None:
        self.server_port, self.reply, self.raw, self.user = server_port, reply, raw, user
        self.names: list[tuple[int, bytes]] = []
        self.logins: list[bytes] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        await reader.readexactly(count)
        if self.raw is not None:
            writer.write(self.raw)
            return
        writer.write(b"\x05\x02" if self.user else b"\x05\x00")
        if self.user:
            _, length = await reader.readexactly(2)
            name = await reader.readexactly(length)
            password = await reader.readexactly((await reader.readexactly(1))[0])
            self.logins.append(name + b":" + password)
            writer.write(b"\x01\x00")
        _, _, _, kind = await reader.readexactly(4)
        length = (await reader.readexactly(1))[0] if kind == 3 else 4
        self.names.append((kind, await reader.readexactly(length)))
        await reader.readexactly(2)
        writer.write(bytes([5, self.reply, 0, 1, 0, 0, 0, 0, 0, 0]))
        if self.reply:
            return
        await _bridge(reader, writer, self.server_port)


async def _bridge(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))
    finally:
        inner_writer.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def socks(proxy: Socks) -> AsyncIterator[Socks]:
    async with listening(proxy.serve) as proxy.port:
        yield proxy


async def never_asked(host: str, port: int) -> Sequence[str]:
    raise AssertionError("with a proxy no name is looked up here")


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_through_a_socks_proxy_the_name_is_looked_up_by_the_proxy(scheme: str) -> None:
    async def main() -> None:
        async with serving(says(200, b"onion")) as server, socks(Socks(server.port, user=b"me")) as proxy:
            policy = policy_for(
                allowed_hosts=("t.example",), proxy=f"{scheme}://me:pass@127.0.0.1:{proxy.port}"
            )
            async with Door(policy, resolve=never_asked) as door:
                exchange = await door.get("http://t.example/x")
                await door.get("http://t.example/y")
            assert (exchange.outcome, exchange.body(), exchange.address) == ("answered", b"onion", None)
            assert exchange.url == "http://t.example/x"
            assert proxy.names == [(3, b"t.example")]
            assert proxy.logins == [b"me:pass"]
            assert server.asked[0].header("host") == "t.example"
            assert not any("authorization" in name.lower() for name, _ in exchange.request_headers)

    asyncio.run(main())


def test_tls_goes_through_a_socks_proxy_to_the_name(certificate: Path) -> None:
    async def main() -> None:
        trusting = ssl.create_default_context(cafile=str(certificate))
        secure = serving(says(200, b"secure"), tls=server_side(certificate))
        async with secure as server, socks(Socks(server.port)) as proxy:
            policy = policy_for(
                allowed_hosts=("t.example", "other.example"), proxy=f"socks5h://127.0.0.1:{proxy.port}"
            )
            async with Door(policy, tls=trusting, resolve=never_asked) as door:
                assert (await door.get("https://t.example/")).body() == b"secure"
                assert (await door.get("https://other.example/")).outcome == "tls"

    asyncio.run(main())


@pytest.mark.parametrize(
    ("reply", "outcome", "detail"),
    [
        (1, "network", "the proxy made no connection"),
        (2, "network", "the proxy does not allow this host"),
        (3, "network", "the proxy cannot reach the network"),
        (4, "network", "the proxy cannot reach the host"),
        (5, "refused", "the proxy was refused a connection"),
        (6, "timed out", "the proxy reached no host in time"),
    ],
)
def test_what_a_socks_proxy_could_not_do_is_told_apart(reply: int, outcome: str, detail: str) -> None:
    async def main() -> None:
        async with socks(Socks(1, reply=reply)) as proxy:
            policy = policy_for(allowed_hosts=("t.example",), proxy=f"socks5h://127.0.0.1:{proxy.port}")
            async with Door(policy) as door:
                exchange = await door.get("http://t.example/")
        assert (exchange.outcome, exchange.detail, exchange.request_headers) == (outcome, detail, ())

    asyncio.run(main())


@pytest.mark.parametrize("raw", [b"", b"HTTP/1.1 400 Bad\r\n\r\n", b"\x05", b"\x05\xff", b"\x04\x00\x00\x00"])
def test_a_proxy_that_speaks_no_socks_raises_nothing(raw: bytes) -> None:
    async def main() -> None:
        async with socks(Socks(1, raw=raw)) as proxy:
            policy = policy_for(allowed_hosts=("t.example",), proxy=f"socks5h://127.0.0.1:{proxy.port}")
            async with Door(policy) as door:
                exchange = await door.get("http://t.example/")
        assert (exchange.outcome, exchange.status, exchange.request_headers) == ("network", None, ())

    asyncio.run(main())


def test_a_proxy_that_falls_silent_times_out() -> None:
    async def main() -> None:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()

        async with listening(silent) as port:
            policy = policy_for(
                allowed_hosts=("t.example",), proxy=f"socks5h://127.0.0.1:{port}", total_timeout_s=0.1
            )
            async with Door(policy) as door:
                exchange = await door.get("http://t.example/")
        assert (exchange.outcome, exchange.request_headers) == ("timed out", ())

    asyncio.run(main())


def test_an_http_proxy_is_sent_the_whole_address_and_its_password_is_not_recorded() -> None:
    async def main() -> None:
        async with serving(says(200, b"proxied")) as proxy:
            policy = policy_for(allowed_hosts=("t.example",), proxy=f"http://me:pass@{proxy.authority}")
            async with Door(policy, resolve=never_asked) as door:
                exchange = await door.get("http://t.example/x?y=1")
            assert (exchange.body(), exchange.address) == (b"proxied", None)
            assert (
                proxy.asked[0].path == "http://t.example:80/x?y=1"
                or proxy.asked[0].path == "http://t.example/x?y=1"
            )
            assert proxy.asked[0].header("proxy-authorization")
            assert not any("authorization" in name.lower() for name, _ in exchange.request_headers)

    asyncio.run(main())


def test_tls_goes_through_a_tunnel_of_an_http_proxy(certificate: Path) -> None:
    async def main() -> None:
        trusting = ssl.create_default_context(cafile=str(certificate))
        heads: list[bytes] = []
        async with serving(says(200, b"secure"), tls=server_side(certificate)) as server:

            async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                heads.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(b"HTTP/1.1 200 Made\r\n\r\n")
                await _bridge(reader, writer, server.port)

            async with listening(tunnel) as port:
                policy = policy_for(allowed_hosts=("t.example",), proxy=f"http://127.0.0.1:{port}")
                async with Door(policy, tls=trusting) as door:
                    exchange = await door.get("https://t.example/x")
            assert (exchange.outcome, exchange.body()) == ("answered", b"secure")
            assert heads[0].startswith(b"CONNECT t.example:443 ")
            assert b"Holdfast" not in heads[0]  # the tunnel is told nothing that belongs to the request

    asyncio.run(main())


def test_a_proxy_that_refuses_the_tunnel_is_told_apart_and_nothing_was_sent_to_the_host() -> None:
    async def main() -> None:
        async with serving(sends(b"HTTP/1.1 407 secret words\r\nContent-Length: 0\r\n\r\n")) as proxy:
            policy = policy_for(allowed_hosts=("t.example",), proxy=f"http://{proxy.authority}")
            async with Door(policy) as door:
                exchange = await door.get("https://t.example/x")
        assert (exchange.outcome, exchange.detail) == ("network", "the proxy answered 407")
        assert exchange.request_headers == ()

    asyncio.run(main())


def test_a_proxy_that_is_not_there_is_refused() -> None:
    async def main() -> None:
        async with serving(says()) as gone:
            pass
        for scheme in ("http", "socks5h"):
            policy = policy_for(allowed_hosts=("t.example",), proxy=f"{scheme}://{gone.authority}")
            async with Door(policy) as door:
                assert (await door.get("http://t.example/x")).outcome == "refused"

    asyncio.run(main())


def test_with_a_proxy_addresses_are_still_checked_by_what_they_say() -> None:
    async def main() -> None:
        async with door_for(allowed_hosts=("*",), proxy="socks5h://127.0.0.1:1") as door:
            for url in ("http://127.0.0.1/", "http://[::1]/", "http://10.1/", "http://0x7f000001/"):
                with pytest.raises(UsageError):
                    await door.get(url)

    asyncio.run(main())


def test_a_password_in_an_address_is_never_sent() -> None:
    async def main() -> None:
        async def handler(asked: Asked) -> bool | None:
            raise AssertionError("nothing may be asked")

        async with serving(handler) as server, door_for(server) as door:
            with pytest.raises(UsageError):
                await door.get(f"http://me:secret@{server.authority}/")

    asyncio.run(main())
