"""`holdfast serve`: shows the archive in a browser."""

from __future__ import annotations

import getpass
import ipaddress
import sys
import webbrowser
from pathlib import Path
from typing import Annotated, Literal

import uvicorn
from cyclopts import Parameter

from holdfast.cli.call import Call
from holdfast.cli.output import Output, plain
from holdfast.cli.watch import policy_of
from holdfast.errors import UsageError
from holdfast.settings import Settings
from holdfast.vault.reading import read_identity
from holdfast.web.app import application
from holdfast.web.beside import uploads_folder
from holdfast.web.desk import Desk
from holdfast.web.listening import listen
from holdfast.web.patience import Patient
from holdfast.web.sessions import COOKIE, Sessions
from holdfast.web.shelf import Shelf
from holdfast.web.users import Users, load_users, store_user
from holdfast.web.watchlist import WatchList
from holdfast.web.work import Worker

__all__ = ["run"]

CONNECTIONS_MOST = 256


def run(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    name: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
    behind_proxy: Annotated[bool, Parameter(negative="")] = False,
    browser: Annotated[bool, Parameter(negative="--no-browser")] = True,
    add_user: str | None = None,
    role: Literal["viewer", "editor"] = "viewer",
    call: Call = Call(),  # noqa: B008 (frozen)
) -> int:
    """Show the archive in a browser, on this machine alone unless told otherwise.

    Prints a link that opens one session, once. Ctrl-C ends it; what was being taken in is sealed as far as it came.

    Parameters
    ----------
    host
        The address to listen on. Beyond this machine there must be users, and TLS or --behind-proxy.
    port
        The port; 0 takes a free one.
    name
        A name that the server answers to besides its address, such as archive.example.org; repeat for more.
    tls_cert
        A certificate chain (PEM).
    tls_key
        Its private key (PEM).
    behind_proxy
        A proxy in front of this server does TLS, and passes the Host header on.
    browser
        Open the link in a browser.
    add_user
        Add a user, or give one a new password, and end. The password is asked for, or read from stdin.
    role
        What a user added so may do: viewer looks, editor changes.
    """
    settings = call.settings()
    with call.output() as output:
        read_identity(settings.vault)
        if add_user is not None:
            store_user(settings.vault, add_user, _password(), role)
            output.note(f"{plain(add_user)} may sign in as {role}")
            return 0
        if not 0 <= port <= 65535:
            raise UsageError(f"{port} is no port", remedy="take one from 0 to 65535; 0 takes a free one")
        if tls_key is not None and tls_cert is None:
            raise UsageError("a private key alone makes no TLS", remedy="give --tls-cert as well")
        users = _users(settings, host, has_tls=tls_cert is not None or behind_proxy)
        return _serve(
            settings, output, host, port, name, (tls_cert, tls_key), users,
            behind_proxy=behind_proxy, browser=browser and not call.json,
        )  # fmt: skip


def _password() -> str:
    if sys.stdin.isatty():
        found = getpass.getpass("password: ")
        if getpass.getpass("again: ") != found:
            raise UsageError("the two are not the same")
        return found
    return sys.stdin.readline().rstrip("\n")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _users(settings: Settings, host: str, *, has_tls: bool) -> Users | None:
    """Who may sign in. Errors: UsageError where others could reach the server, and nobody would stand at its door."""
    found = load_users(settings.vault)
    if is_loopback(host):
        return Users(found) if found else None
    if not found:
        raise UsageError(
            f"{host} can be reached from other machines, and there are no users",
            remedy="add one first: holdfast serve --add-user NAME --role editor",
        )
    if not has_tls:
        raise UsageError(
            f"{host} can be reached from other machines, and passwords would travel in the clear",
            remedy="give --tls-cert and --tls-key, or say --behind-proxy if a proxy does TLS",
        )
    return Users(found)


def _serve(
    settings: Settings,
    output: Output,
    host: str,
    port: int,
    names: tuple[str, ...],
    tls: tuple[Path | None, Path | None],
    users: Users | None,
    *,
    behind_proxy: bool,
    browser: bool,
) -> int:
    is_secure = behind_proxy or tls[0] is not None
    sessions = Sessions()
    worker = Worker(
        settings.vault,
        WatchList(settings.vault),
        policy=policy_of(settings),
        base=settings.telegram_web,
        workers=settings.workers,
        passphrase=lambda: settings.passphrase,
        record_host=settings.record_host,
    )
    desk = Desk(
        Shelf(settings.vault), worker, sessions, users,
        is_secure=is_secure, uploads=uploads_folder(settings.vault),
    )  # fmt: skip
    hosts: set[str] = set()
    origins: set[str] = set()
    config = uvicorn.Config(
        application(desk, hosts, origins),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        # Whose address a request bears is nobody's business here, and a header that claims one is not believed.
        proxy_headers=False,
        limit_concurrency=CONNECTIONS_MOST,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=3,
        ssl_certfile=tls[0],
        ssl_keyfile=tls[1],
        http=Patient,
        ws="none",
        loop="asyncio",
    )
    try:
        config.load()
        # Listening before the link is shown: a browser may be quicker than the rest of the start.
        listening = listen(host, port)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot listen on {host}:{port}",
            remedy="take another --port, and see that the certificate's files are right",
        ) from error
    taken = listening.getsockname()[1]
    # Over TLS a browser takes a name that begins so from nobody but this very host.
    sessions.cookie = f"{'__Host-' if is_secure else ''}{COOKIE}-{taken}"
    scheme = "https" if is_secure else "http"
    shown = f"[{host}]" if ":" in host else host
    known = {shown, *names, *(("localhost", "127.0.0.1", "[::1]") if is_loopback(host) else ())}
    for each in known:
        hosts |= {f"{each}:{taken}".lower(), each.lower()} if behind_proxy else {f"{each}:{taken}".lower()}
        if taken == (443 if is_secure else 80):
            hosts.add(each.lower())
    origins |= {f"{scheme}://{each}" for each in hosts}
    link = f"{scheme}://{names[0] if names and not is_loopback(host) else shown}:{taken}/"
    if users is None:
        link += f"enter?token={sessions.token()}"
    if output.json:
        output.answer({"link": link, "port": taken})
    else:
        output.line(link)
        output.note("This link opens one session, once. Ctrl-C ends the server." if users is None else "Sign in there. Ctrl-C ends the server.")  # fmt: skip
    output.flush()
    if browser:
        webbrowser.open(link)
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        output.note("ended")
    return 0
