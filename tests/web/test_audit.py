"""The audit log: appended, readable after a crash, and a thing that cannot be noted is refused."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from spinewise.errors import StoreError
from spinewise.web.audit import NAME, Audit


def test_lines_are_appended_by_many_at_once(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    threads = [
        threading.Thread(target=lambda n=n: [Audit(tmp_path).note(f"e{n}", "saved", i=i) for i in range(20)]) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = audit.last(1000)
    assert len(rows) == 160
    assert {(row["who"], row["i"]) for row in rows} == {(f"e{n}", i) for n in range(8) for i in range(20)}
    audit.note("mina", "published", version="v1")
    assert audit.last(1)[0]["version"] == "v1"
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


def test_a_line_cut_short_hides_no_other(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    assert audit.last() == []
    audit.note("mina", "saved")
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"at": "20\n[1]\n')
    audit.note("mina", "published")
    assert [row["did"] for row in audit.last()] == ["published", "saved"]


def test_what_cannot_be_noted(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(StoreError, match=NAME):
        Audit(tmp_path).note("mina", "published")
