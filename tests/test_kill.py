"""Refreshes that are killed, and disks that refuse: the live version is whole after each, and the next refresh recovers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fakes import FakeEncoder

from spinewise.index import store
from spinewise.refresh import refresh
from spinewise.settings import Settings

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_twenty_refreshes_killed_at_random_moments() -> None:
    done = subprocess.run(
        [sys.executable, "bench/kill.py", "--times", "20"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 lost, 0 damaged, 0 not recovered" in done.stdout
    assert int(done.stdout.split(" ended by themselves")[0].split(", ")[-1]) < 20, "no refresh was killed"


LIMITED = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from fakes import FakeEncoder
from spinewise.errors import StoreError
from spinewise.refresh import refresh
from spinewise.settings import Settings
settings = Settings(corpus=Path(sys.argv[2]), index=Path(sys.argv[3]))
for limit in map(int, sys.argv[4:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        refresh(settings, encoder=FakeEncoder())
    except StoreError as error:
        print(limit, "refused", bool(error.hint))
    else:
        print(limit, "published")
"""


def test_a_disk_that_takes_no_more_bytes(settings: Settings) -> None:
    """The kernel itself refuses to write beyond a size, at each file in turn."""
    pytest.importorskip("resource")
    before = {path: path.read_bytes() for path in settings.index.rglob("*") if path.is_file() and path.name != ".lock"}
    (settings.corpus / "hammocks.md").unlink()
    home = settings.index / "versions" / str(store.current_version(settings.index))
    sizes = sorted({max(file.stat().st_size // 2, 30) for file in home.iterdir()})
    limits = [str(size) for size in (20, *sizes)]
    where = [str(ROOT / "tests"), str(settings.corpus), str(settings.index)]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, *where, *limits], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.splitlines() == [f"{limit} refused True" for limit in limits], done.stderr
    after = {path: path.read_bytes() for path in settings.index.rglob("*") if path.is_file() and path.name != ".lock"}
    assert after == before
    assert refresh(settings, encoder=FakeEncoder()).articles_removed == ("hammocks",)
