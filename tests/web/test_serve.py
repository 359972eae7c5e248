"""`holdfast serve` as people call it: where it listens, whom it lets in, and what it refuses to begin."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from holdfast.cli import main
from holdfast.cli.serve import is_loopback
from holdfast.web.users import load_users, store_user

PASSWORD = "correct horse battery"


@pytest.fixture
def vault(export_vault: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(export_vault, tmp_path / "vault"))


@pytest.fixture
def users(vault: Path) -> Path:
    """A vault whose server has an editor."""
    store_user(vault, "olena", PASSWORD, "editor")
    return vault


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **more}


@contextmanager
def serving(vault: Path, *words: str, browser: bool = False, **variables: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:  # fmt: skip
    """The program, serving; and the first line that it prints. It is ended as Ctrl-C ends it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "holdfast", "serve", "--vault", str(vault), *([] if browser else ["--no-browser"]), *words],
        env=environment(**variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    try:
        assert line, process.communicate(timeout=30)
        yield line, process
    finally:
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)
        assert process.returncode == 0, rest


def reader(link: str, **how: object) -> httpx.Client:
    return httpx.Client(base_url=link.partition("/enter")[0], trust_env=False, timeout=30, **how)  # type: ignore[arg-type]  # as a test names it


def test_the_link_that_is_printed_opens_the_archive_once(vault: Path) -> None:
    with serving(vault, "--name", "archive.test") as (link, _):
        assert link.startswith("http://127.0.0.1:")
        with reader(link) as client:
            assert client.get("/").status_code == 401
            assert client.get(link).status_code == 200
            assert "Тихий берег" in client.get("/").text
            cookie = next(iter(client.cookies.jar))
            assert not cookie.secure
        with reader(link) as another:
            assert another.get(link).status_code == 403
            port = link.rpartition(":")[2].partition("/")[0]
            for name in ("localhost", "archive.test"):
                assert another.get("/", headers={"Host": f"{name}:{port}"}).status_code == 401
            assert another.get("/", headers={"Host": "archive.test"}).status_code == 421
            assert another.get("/", headers={"Host": f"evil.example:{port}"}).status_code == 421
            assert "server" not in another.get("/").headers


def test_json_says_link_and_port_and_opens_no_browser(vault: Path, tmp_path: Path) -> None:
    note = browser_that_notes(tmp_path)
    with serving(vault, "--json", browser=True, BROWSER=str(note)) as (line, _):
        data = json.loads(line)["data"]
        assert data["link"].startswith(f"http://127.0.0.1:{data['port']}/enter?token=")
        with reader(data["link"]) as client:
            assert client.get("/").status_code == 401, "it listens as soon as it says so"
    assert not (tmp_path / "opened").exists()


def test_the_browser_is_opened_with_the_link(vault: Path, tmp_path: Path) -> None:
    note = browser_that_notes(tmp_path)
    with serving(vault, browser=True, BROWSER=str(note)) as (link, _):
        with reader(link) as client:
            assert client.get(link).status_code == 200
        assert (tmp_path / "opened").read_text().strip() == link


def browser_that_notes(folder: Path) -> Path:
    """A browser that writes down what it is to open."""
    script = folder / "browser"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >"{folder}/opened"\n')
    script.chmod(0o755)
    return script


# -- beyond this machine ------------------------------------------------------------------------------


def refused(capfd: pytest.CaptureFixture[str], *words: str | Path) -> str:
    code = main(["serve", "--no-browser", *map(str, words)])
    said = capfd.readouterr()
    assert code == 2
    assert said.out == ""
    return said.err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "archive.example", "127.1", "10.0.0.5"])
def test_beyond_this_machine_there_must_be_users_and_tls(
    vault: Path, capfd: pytest.CaptureFixture[str], host: str
) -> None:
    assert "there are no users" in refused(capfd, "--vault", vault, "--host", host, "--behind-proxy")
    store_user(vault, "olena", PASSWORD, "editor")
    assert "passwords would travel in the clear" in refused(capfd, "--vault", vault, "--host", host)


def test_what_is_reached_from_this_machine_alone_is_told_strictly() -> None:
    assert [
        each for each in ("127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost") if not is_loopback(each)
    ] == []
    for each in ("0.0.0.0", "::", "localhost.example", "127.1", "", "evil.example", "1.2.3.4"):
        assert not is_loopback(each), each


def test_users_sign_in_with_their_password_behind_a_proxy(users: Path) -> None:
    # 127.1 is this machine, but not spelt as an address that can be no other: it is treated as one that others reach.
    with serving(users, "--host", "127.1", "--behind-proxy", "--name", "archive.test") as (link, process):
        assert link.startswith("https://archive.test:")
        port = link.rpartition(":")[2].partition("/")[0]
        host = {"Host": "archive.test"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
            assert client.get("/", headers=host).headers["location"] == "/sign-in"
            form = {"name": "olena", "password": PASSWORD}
            origin = {"Origin": "https://archive.test"}
            plain = client.post("/sign-in", data=form, headers={**host, "Origin": "http://archive.test"})
            assert plain.status_code == 403, "the proxy's pages come over TLS"
            answer = client.post("/sign-in", data=form, headers={**host, **origin})
            assert answer.status_code == 303
            assert "secure" in answer.headers["set-cookie"].lower()
        assert process.poll() is None


def test_tls_is_spoken_with_the_certificate_that_is_given(users: Path, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    words = ("--host", "127.1", "--tls-cert", str(cert), "--tls-key", str(key))
    with serving(users, *words) as (link, _):
        assert link.startswith("https://127.1:")
        port = link.rpartition(":")[2].partition("/")[0]
        import ssl

        trusted = ssl.create_default_context(cafile=str(cert))
        with httpx.Client(base_url=f"https://localhost:{port}", verify=trusted, trust_env=False, timeout=30) as client:  # fmt: skip
            host = {"Host": f"127.1:{port}"}
            assert client.get("/sign-in", headers=host).status_code == 200
            assert client.get("/sign-in").status_code == 421, "localhost is none of its names there"


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    return folder / "cert.pem", folder / "key.pem"


def test_what_cannot_be_listened_on_is_told(
    vault: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"cannot listen on 127.0.0.1:{port}" in refused(capfd, "--vault", vault, "--port", port)
    (tmp_path / "bad.pem").write_text("nonsense")
    told = refused(
        capfd, "--vault", vault, "--tls-cert", tmp_path / "bad.pem", "--tls-key", tmp_path / "bad.pem"
    )
    assert "the certificate" in told
    assert "cannot listen" in refused(capfd, "--vault", vault, "--tls-cert", tmp_path / "none.pem")
    assert "is no port" in refused(capfd, "--vault", vault, "--port", "70000")
    assert "makes no TLS" in refused(capfd, "--vault", vault, "--tls-key", tmp_path / "key.pem")


def test_without_a_vault_nothing_is_served(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--vault", str(tmp_path / "none"), "--no-browser"]) == 10
    assert not (tmp_path / "none.web").exists()


# -- users --------------------------------------------------------------------------------------------


def test_users_are_added_from_standard_input(
    vault: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def add(name: str, *words: str, password: str = PASSWORD) -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        code = main(["serve", "--vault", str(vault), "--add-user", name, *words])
        said = capfd.readouterr()
        assert password not in said.out + said.err
        return code, said.err

    code, said = add("reader")
    assert code == 0
    assert "may sign in as viewer" in said
    assert "may sign in as editor" in add("reader", "--role", "editor")[1]
    [user] = load_users(vault)
    assert (user.name, user.role) == ("reader", "editor")
    code, said = add("other", password="brief")
    assert code == 2
    assert "12 characters" in said
    assert add("../evil")[0] == 2
    assert add("x", "--role", "owner")[0] == 2
    assert len(load_users(vault)) == 1


def typed(vault: Path, *answers: str) -> tuple[int, str]:
    """The call at a terminal, with what somebody types at each question."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "holdfast", "serve", "--vault", str(vault), "--add-user", "olena"],
        env=environment(), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(theirs)
    said, given = b"", 0
    while True:
        try:
            chunk = os.read(ours, 4096)
        except OSError:
            break  # the other end is gone
        said += chunk
        if given < min(len(answers), said.count(b"password: ") + said.count(b"again: ")):
            os.write(ours, answers[given].encode() + b"\n")
            given += 1
    os.close(ours)
    return process.wait(60), said.decode()


def test_a_password_is_asked_for_twice_at_a_terminal_and_never_shown(vault: Path) -> None:
    code, said = typed(vault, PASSWORD, PASSWORD + "!")
    assert code == 2
    assert "not the same" in said
    assert load_users(vault) == ()
    code, said = typed(vault, PASSWORD, PASSWORD)
    assert code == 0, said
    assert PASSWORD not in said
    assert [each.name for each in load_users(vault)] == ["olena"]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda path: path.write_text("nonsense"), 20),
        (lambda path: path.write_text('{"format_version": 2, "users": []}'), 20),
        (lambda path: path.write_text('{"format_version": 1, "users": [{"name": "x"}]}'), 20),
        (lambda path: (path.unlink(), path.mkdir()), None),
    ],
)
def test_a_list_of_users_that_cannot_be_read_lets_nobody_in(
    users: Path, spoil: Callable[[Path], object], code: int | None, capfd: pytest.CaptureFixture[str]
) -> None:
    spoil(users.with_name("vault.web") / "users.json")
    found = main(["serve", "--vault", str(users), "--no-browser"])
    said = capfd.readouterr()
    assert found not in (0, 1), said.err
    assert "users.json" in said.err
    assert said.out == ""
