"""The console's door: who gets in, what the cookie may do, and that other sites' pages cannot use it."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.responses import PlainTextResponse

from spinewise.web.accounts import TRIES, Sessions, account_line, accounts
from spinewise.web.audit import Audit
from spinewise.web.door import COOKIE, LARGEST_FORM, LOGIN, LOGOUT, Door

PASSWORD = "pebbles on the shore"
OWN = {"origin": "http://testserver"}
PAGE = {"accept": "text/html"}


@pytest.fixture(scope="module")
def line() -> str:
    return account_line("mina", "editor", PASSWORD)


@pytest.fixture
def client(line: str, tmp_path: Path) -> TestClient:
    door = Door(PlainTextResponse("inside"), Sessions(accounts([line])), Audit(tmp_path), "Shore <Clinic>")
    return TestClient(door, follow_redirects=False)


def log_in(client: TestClient, name: str = "mina", password: str = PASSWORD, headers: dict[str, str] = OWN):
    return client.post(LOGIN, data={"name": name, "password": password}, headers=headers)


def test_nobody_gets_in_without_logging_in(client: TestClient) -> None:
    for path in ("/editors", "/editors/", "/editors/config", "/editors/gradio_api/upload", "/editors/login/x"):
        page = client.get(path, headers=PAGE)
        assert (page.status_code, page.headers["location"]) == (303, LOGIN)
        assert client.get(path).status_code == 401
        assert client.post(path, headers=OWN).status_code == 401
        assert client.get(path, headers={"cookie": f"{COOKIE}=guess"}).status_code == 401
    assert client.get("/editorsx").text == "inside"
    assert client.get("/").text == "inside"


def test_log_in_and_out(client: TestClient, tmp_path: Path) -> None:
    page = client.get(LOGIN)
    assert "Shore &lt;Clinic&gt;" in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    entered = log_in(client)
    assert (entered.status_code, entered.headers["location"]) == (303, "/editors/")
    cookie = entered.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/editors"))
    assert "secure" not in cookie
    inside = client.get("/editors/")
    assert inside.text == "inside"
    assert inside.headers["x-frame-options"] == "DENY"
    assert inside.headers["cache-control"] == "private, no-store"
    assert [row["did"] for row in Audit(tmp_path).last()] == ["logged in"]
    assert client.post(LOGOUT, headers=OWN).status_code == 303
    assert client.get("/editors/").status_code == 401


def test_the_cookie_is_secure_behind_https(line: str, tmp_path: Path) -> None:
    door = Door(PlainTextResponse("inside"), Sessions(accounts([line])), Audit(tmp_path), "Shore")
    client = TestClient(door, base_url="https://testserver", follow_redirects=False)
    assert "secure" in log_in(client, headers={"origin": "https://testserver"}).headers["set-cookie"].lower()


def test_wrong_passwords(client: TestClient) -> None:
    wrong, unknown = log_in(client, password="wrong"), log_in(client, name="<b>nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text == unknown.text
    assert "set-cookie" not in wrong.headers
    for _ in range(TRIES):
        slowed = log_in(client, password="wrong")
    assert slowed.status_code == 429
    assert "Try again in" in slowed.text or "try again in" in slowed.text
    assert client.post(LOGIN, content=b"x" * (LARGEST_FORM + 1), headers=OWN).status_code == 413
    assert client.post(LOGIN, content=b"\xff&=&name", headers=OWN).status_code in {401, 429}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example", "http://testserver:81", ""])
def test_other_sites_pages_cannot_act(client: TestClient, origin: str) -> None:
    log_in(client)
    for path in ("/editors/gradio_api/queue/join", LOGIN, LOGOUT, "/editors/"):
        assert client.post(path, headers={"origin": origin}).status_code == 403
        assert client.delete(path).status_code == 403
    assert client.get("/editors/").text == "inside"


def test_an_entry_that_cannot_be_noted_lets_nobody_in(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").mkdir()
    with pytest.raises(Exception, match=r"audit\.jsonl"):
        log_in(client)
    assert client.get("/editors/").status_code == 401
