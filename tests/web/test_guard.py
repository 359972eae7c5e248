"""Who is let in, from where, and what an answer may do in a browser."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.routing import Route

from holdfast.errors import FormatError, StorageError, UsageError
from holdfast.web import sessions
from holdfast.web.app import application
from holdfast.web.beside import uploads_folder
from holdfast.web.guard import ALWAYS, POLICY, Guard
from holdfast.web.sessions import Sessions
from holdfast.web.users import User, Users, load_users, store_user
from tests.web.desks import Served, served

PASSWORD = "correct horse battery"
PAGES = ("/", "/search?q=a", "/vault", "/take-in", "/entry/0")


def test_without_a_session_nothing_but_the_door_is_answered(server: Served) -> None:
    for path in (*PAGES, "/vault/log.zip", "/media/1/0/" + "0" * 64, "/nowhere", "/job/x"):
        answer = server.stranger.get(path)
        assert answer.status_code == 401, path
        assert "берег" not in answer.text
    told = server.stranger.get("/api/v1/status")
    assert told.status_code == 401
    assert told.json()["error"]["code"] == "unauthorised"
    assert server.stranger.get("/static/style.css").status_code == 200


def test_the_link_opens_one_session_once(server: Served) -> None:
    token = server.desk.sessions.token()
    first = server.stranger.get("/enter", params={"token": token})
    assert first.status_code == 200
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "; path=/" in cookie
    assert server.stranger.get("/").status_code == 200
    again = server.reader()
    assert again.get("/enter", params={"token": token}).status_code == 403
    assert again.get("/").status_code == 401
    assert again.get("/enter").status_code == 403


def test_the_token_stands_in_no_page_and_no_later_address(server: Served) -> None:
    token = server.desk.sessions.token()
    entered = server.stranger.get("/enter", params={"token": token})
    assert token not in entered.text
    assert entered.headers["referrer-policy"] == "same-origin"
    assert "url=/" in entered.text


def test_a_foreign_name_that_leads_to_this_machine_finds_nobody(server: Served) -> None:
    port = server.base.rpartition(":")[2]
    for host in (
        "evil.example",
        f"evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        f"127.0.0.1:{port}.evil.example",
        "",
    ):
        assert server.client.get("/", headers={"Host": host}).status_code == 421, host
    assert server.client.get("/").status_code == 200


def test_what_changes_anything_must_come_from_our_own_pages(server: Served) -> None:
    port = server.base.rpartition(":")[2]
    for origin in (
        "https://evil.example",
        "null",
        "http://127.0.0.1:1",
        f"http://localhost:{port}",
        f"https://127.0.0.1:{port}",
    ):
        for path in ("/vault/verify", "/take-in/upload", "/take-in/watch", "/language", "/sign-out"):
            answer = server.client.post(path, headers={"Origin": origin})
            assert answer.status_code == 403, (origin, path)
    assert server.client.post("/vault/verify").status_code == 403
    assert not server.desk.worker.jobs
    assert server.client.get("/").status_code == 200, "the session is still there"


def test_other_sites_can_neither_embed_nor_probe(server: Served) -> None:
    for mode in ("no-cors", "cors"):
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode}
        assert server.client.get("/static/style.css", headers=headers).status_code == 403
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert server.client.get("/", headers=headers).status_code == 200
    assert (
        "access-control-allow-origin"
        not in server.client.get("/", headers={"Origin": "https://evil.example"}).headers
    )


def test_every_answer_carries_the_policy_and_forbids_guessing(server: Served) -> None:
    answers = [server.client.get(path) for path in (*PAGES, "/nowhere", "/static/app.js", "/api/v1/status")]
    answers += [server.stranger.get("/"), server.client.get("/", headers={"Host": "evil.example"})]
    for answer in answers:
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert POLICY.startswith("default-src 'none'")


def test_no_page_holds_a_script_a_style_or_an_address_of_somebody_else(server: Served) -> None:
    for path in PAGES:
        text = server.client.get(path).text
        assert " style=" not in text
        assert "<style" not in text
        assert " onclick=" not in text
        assert text.count("<script") == text.count('<script src="/static/')
        assert 'src="http' not in text
        assert 'href="//' not in text


def test_a_session_ends_with_signing_out_and_with_its_time(server: Served) -> None:
    assert server.post("/sign-out").status_code == 303
    assert server.client.get("/").status_code == 401


def test_methods_that_no_page_has_are_refused(server: Served) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        answer = server.client.request(method, "/", headers=server.origin)
        assert answer.status_code == 405, method


# -- users --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> tuple[User, ...]:
    folder = tmp_path_factory.mktemp("users")
    store_user(folder, "olena", PASSWORD, "editor")
    store_user(folder, "reader", PASSWORD, "viewer")
    return load_users(folder)


def test_a_name_and_its_password_sign_in(export_vault: Path, users: tuple[User, ...]) -> None:
    with served(export_vault, users=users) as found:
        stranger = found.stranger
        assert stranger.get("/").headers["location"] == "/sign-in"
        assert 'name="password"' in stranger.get("/sign-in").text
        wrong = stranger.post("/sign-in", data={"name": "olena", "password": "wrong"}, headers=found.origin)
        assert wrong.status_code == 403
        assert stranger.get("/").status_code == 303
        right = stranger.post("/sign-in", data={"name": "olena", "password": PASSWORD}, headers=found.origin)
        assert right.status_code == 303
        assert "olena" in stranger.get("/").text
        assert stranger.get("/take-in").text.count('action="/take-in/upload"') == 2


def test_a_viewer_looks_and_changes_nothing(export_vault: Path, users: tuple[User, ...]) -> None:
    with served(export_vault, users=users) as found:
        reader = found.stranger
        reader.post("/sign-in", data={"name": "reader", "password": PASSWORD}, headers=found.origin)
        for path in PAGES:
            assert reader.get(path).status_code == 200, path
        for path in ("/vault/verify", "/take-in/upload", "/take-in/watch", "/job/x/stop"):
            assert reader.post(path, headers=found.origin).status_code == 403, path
        assert not found.desk.worker.jobs
        assert "/take-in/upload" not in reader.get("/take-in").text
        assert reader.post("/language", data={"language": "uk"}, headers=found.origin).status_code == 303


def test_passwords_are_kept_as_argon2id_and_shown_nowhere(tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    store_user(vault, "olena", PASSWORD, "viewer")
    store_user(vault, "olena", PASSWORD + "!", "editor")
    path = tmp_path / "vault.web" / "users.json"
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    assert "$argon2id$" in text
    assert PASSWORD not in text
    [user] = load_users(vault)
    assert user.role == "editor"
    assert "argon2" not in repr(user)


def test_guessing_puts_a_name_to_rest(tmp_path: Path) -> None:
    now = [0.0]
    store_user(tmp_path, "olena", PASSWORD, "editor")
    [user] = load_users(tmp_path)
    users = Users((user,), clock=lambda: now[0])
    for _ in range(5):
        assert users.check("olena", "wrong") is None
    assert users.check("olena", PASSWORD) is None, "it rests"
    now[0] += 31
    assert users.check("olena", PASSWORD) == user
    assert users.check("nobody", PASSWORD) is None
    assert users.check("olena", "x" * 2000) is None
    assert users.check("öl", PASSWORD) is None


# -- every address there is ---------------------------------------------------------------------------


def routes(found: Served) -> Iterator[tuple[str, str]]:
    """Each method and address of the application, with something in the place of its names."""
    for route in application(found.desk, set(), set()).routes:
        if isinstance(route, Route):
            path = re.sub(r"\{\w+(:\w+)?\}", "1", route.path)
            for method in sorted(route.methods or ()):
                yield method, path


def test_no_address_answers_whoever_is_not_signed_in(server: Served) -> None:
    told = list(routes(server))
    assert len(told) > 40
    for method, path in told:
        answer = server.stranger.request(method, path, headers=server.origin)
        if path in ("/enter", "/sign-in"):
            continue
        assert answer.status_code == 401, (method, path)


def test_no_address_that_changes_anything_answers_a_viewer_or_another_site(
    export_vault: Path, users: tuple[User, ...]
) -> None:
    with served(export_vault, users=users) as found:
        viewer = found.stranger
        viewer.post("/sign-in", data={"name": "reader", "password": PASSWORD}, headers=found.origin)
        changing = [path for method, path in routes(found) if method == "POST" and path not in ALWAYS]
        assert "/reports/check" in changing
        for path in changing:
            assert viewer.post(path, headers=found.origin).status_code == 403, path
            assert (
                viewer.post(path, headers={**found.origin, "Origin": "https://evil.example"}).status_code
                == 403
            )
            assert found.client.post(path, headers={"Origin": "null"}).status_code == 403, path
        assert not found.desk.worker.jobs


def test_no_address_answers_to_another_name(server: Served) -> None:
    for method, path in routes(server):
        answer = server.client.request(method, path, headers={**server.origin, "Host": "evil.example"})
        assert answer.status_code == 421, (method, path)


def test_two_host_headers_are_none(server: Served) -> None:
    host = server.base.removeprefix("http://")
    secret = f"holdfast={server.client.cookies['holdfast']}"
    for lines in (
        ["GET / HTTP/1.0"],
        ["GET / HTTP/1.1", f"Host: {host}", "Host: evil.example"],
        ["GET / HTTP/1.1", "Host: evil.example", f"Host: {host}"],
        ["GET http://evil.example/ HTTP/1.1", f"Host: {host}.evil.example"],
    ):
        with socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2]))) as line:
            line.sendall("\r\n".join([*lines, f"Cookie: {secret}", "Connection: close", "", ""]).encode())
            assert line.recv(4096).split(b" ", 2)[1] in (b"421", b"400"), lines


def test_another_port_of_this_machine_is_another_site(server: Served) -> None:
    """Cookies know no ports: what else runs on this machine gets them sent along."""
    for site in ("same-site", "cross-site", "nonsense"):
        headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
        assert server.client.get("/api/v1/status", headers=headers).status_code == 403
    for site in ("same-origin", "none"):
        assert server.client.get("/api/v1/status", headers={"Sec-Fetch-Site": site}).status_code == 200


def test_two_servers_of_one_machine_do_not_sign_each_others_readers_out(
    export_vault: Path, server: Served
) -> None:
    with served(export_vault) as other:
        other.desk.sessions.cookie = "holdfast-other"
        reader = server.client
        answer = httpx.get(
            f"{other.base}/enter", params={"token": other.desk.sessions.token()}, trust_env=False
        )
        reader.cookies.update(answer.cookies)
        assert {"holdfast", "holdfast-other"} <= set(reader.cookies)
        assert reader.get("/").status_code == 200
        assert reader.get(f"{other.base}/").status_code == 200


def test_whatever_is_no_request_for_a_page_is_not_spoken_with(server: Served) -> None:
    sent: list[object] = []

    async def call() -> None:
        async def app(*_: object) -> None:
            sent.append("the application was asked")

        guard = Guard(app, sessions=Sessions(), hosts=set(), origins=set(), has_users=False)
        await guard({"type": "websocket"}, None, None)  # type: ignore[arg-type]  # neither is touched
        await guard({"type": "lifespan"}, None, None)  # type: ignore[arg-type]  # as above

    anyio.run(call)
    assert sent == ["the application was asked"], "when it begins and ends, and then only"


def test_errors_of_the_server_tell_nothing_of_the_machine(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr("holdfast.web.search.found_json", fails)
    answer = server.client.get("/search?q=a")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


# -- sessions -----------------------------------------------------------------------------------------


def test_sessions_end_and_the_oldest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "SESSIONS_MOST", 2)
    now = [0.0]
    found = Sessions(clock=lambda: now[0])
    first, second, third = (found.begin("viewer", None) for _ in range(3))
    assert found.find(first) is None
    assert found.find(second) is not None
    now[0] = sessions.LIFE_S + 1.0
    assert found.find(third) is None
    found.begin("editor", "x")
    assert "1 open" in repr(found)
    assert found.find(None) is None
    assert found.find("") is None
    found.end(None)
    assert first not in repr(found.__dict__), "secrets are kept as digests"


def test_a_list_of_users_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.web" / "users.json"
    path.parent.mkdir()
    for text in (
        "nonsense",
        '{"format_version":2,"users":[]}',
        '{"format_version":1,"users":[{"name":"a"}]}',
    ):
        path.write_text(text)
        with pytest.raises(FormatError):
            load_users(tmp_path / "v")
    path.unlink()
    path.mkdir()
    with pytest.raises(StorageError):
        load_users(tmp_path / "v")


def test_names_and_passwords_have_bounds(tmp_path: Path) -> None:
    for name, password in (
        ("", PASSWORD),
        ("a b", PASSWORD),
        ("a" * 65, PASSWORD),
        ("a", "short"),
        ("a", "x" * 1025),
    ):
        with pytest.raises(UsageError):
            store_user(tmp_path / "v", name, password, "viewer")
    assert not (tmp_path / "v.web").exists()


def test_guesses_at_many_names_are_forgotten_before_they_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.web.users.NAMES_MOST", 2)
    found = Users(())
    for name in ("a", "b", "c"):
        assert found.check(name, "x") is None
    assert len(found._failures) == 1


def test_a_hash_that_is_spoilt_lets_nobody_in() -> None:
    found = Users((User("a", "editor", "no hash"),))
    assert found.check("a", "no hash") is None


def test_uploads_that_a_killed_server_left_are_deleted_and_others_stay(tmp_path: Path) -> None:
    folder = uploads_folder(tmp_path / "v")
    assert folder.stat().st_mode & 0o777 == 0o700
    for name in ("old", "new"):
        (folder / name).mkdir()
    os.utime(folder / "old", (0, 0))
    assert uploads_folder(tmp_path / "v") == folder
    assert [each.name for each in folder.iterdir()] == ["new"]
    (tmp_path / "w.web").write_bytes(b"")
    with pytest.raises(StorageError):
        uploads_folder(tmp_path / "w")
