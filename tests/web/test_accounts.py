"""The editors' accounts: hashes, roles, limited log-in, sessions that end."""

from __future__ import annotations

import pytest

from spinewise.errors import RequestError, SettingsError
from spinewise.web.accounts import LASTS, TRIES, Sessions, account_line, accounts

PASSWORD = "pebbles on the shore"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def line() -> str:
    return account_line("mina", "publisher", PASSWORD)


def test_a_line_holds_no_password_and_lets_only_its_own_in(line: str) -> None:
    assert PASSWORD not in line
    assert line != account_line("mina", "publisher", PASSWORD), "each hash has its own salt"
    account = accounts([line])["mina"]
    assert account.role == "publisher"
    assert account.knows(PASSWORD)
    assert not account.knows(PASSWORD + " ")


@pytest.mark.parametrize(
    ("name", "role", "password"),
    [("mina", "owner", PASSWORD), ("Mina", "editor", PASSWORD), ("mi:na", "editor", PASSWORD), ("mina", "editor", "short")],
)
def test_what_is_refused(name: str, role: str, password: str) -> None:
    with pytest.raises(SettingsError) as caught:
        account_line(name, role, password)
    assert caught.value.hint
    assert password not in str(caught.value)


def test_bad_entries_are_named_without_their_hash(line: str) -> None:
    for lines in (["mina:editor:plaintext"], [line, line], [line.replace("scrypt.17", "scrypt.30")], [line + "!"]):
        with pytest.raises(SettingsError, match=f"entry {len(lines)}") as caught:
            accounts(lines)
        assert "plaintext" not in str(caught.value)
        assert line[-20:] not in str(caught.value)


def test_a_session_lasts_from_click_to_click(line: str) -> None:
    clock = Clock()
    sessions = Sessions(accounts([line]), clock)
    token = sessions.log_in("mina", PASSWORD, "1.2.3.4")
    clock.now = LASTS - 1
    found = sessions.account(token)
    assert found is not None
    assert found.name == "mina"
    clock.now += LASTS - 1
    assert sessions.account(token)
    clock.now += LASTS + 1
    assert sessions.account(token) is None
    assert sessions.account("") is None
    again = sessions.log_in("mina", PASSWORD, "1.2.3.4")
    sessions.log_out(again)
    assert sessions.account(again) is None


def test_guessing_is_slowed_for_the_name_and_for_the_visitor(line: str) -> None:
    clock = Clock()
    sessions = Sessions(accounts([line]), clock)
    for number in range(TRIES):
        with pytest.raises(RequestError) as wrong:
            sessions.log_in("mina", "wrong", f"1.2.3.{number}")
        assert wrong.value.status == 401
    with pytest.raises(RequestError) as slowed:
        sessions.log_in("mina", PASSWORD, "9.9.9.9")
    assert slowed.value.status == 429
    clock.now = 60
    assert sessions.log_in("mina", PASSWORD, "9.9.9.9")
    for number in range(TRIES - 1):
        with pytest.raises(RequestError) as unknown:
            sessions.log_in(f"nobody{number}", "wrong", "9.9.9.9")
        assert str(unknown.value) == str(wrong.value), "a name that exists must not show"
    with pytest.raises(RequestError) as visitor:
        sessions.log_in("another", "wrong", "9.9.9.9")
    assert visitor.value.status == 429
