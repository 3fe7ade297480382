"""What every test may lean on: the real data, when they are there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
REQUIRED = {name.strip() for name in os.environ.get("TAMNA_REQUIRE", "").split(",") if name.strip()}


def absent(name: str, reason: str) -> None:
    """Skip with `reason`, or fail where TAMNA_REQUIRE asks for `name`."""
    if name in REQUIRED:
        pytest.fail(f"TAMNA_REQUIRE asks for {name}: {reason}")
    pytest.skip(reason)


# a shared machine pauses a test now and then; speed is measured by benchmarks, not by deadlines
settings.register_profile("tamna", deadline=None)
settings.load_profile("tamna")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real public files, or skip."""
    path = Path(os.environ.get("TAMNA_SHARED_DATA", ROOT / ".." / "shared" / "data"))
    if not (path / "README.md").exists():
        absent("data", f"no shared data at {path} (set TAMNA_SHARED_DATA)")
    return path.resolve()


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test starts in English, whatever the machine speaks."""
    from tamna.lang import set_language

    monkeypatch.delenv("TAMNA_LANG", raising=False)
    set_language("en")


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a private PostgreSQL cluster on a socket of its own, or skip."""
    from postgresql_server import Cluster, missing

    if (reason := missing()) is not None:
        absent("postgresql", reason)
    with Cluster(tmp_path_factory.mktemp("pg")) as cluster:
        yield cluster.address


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database, of SQLite and then of PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'book.db'}"
    from postgresql_server import fresh_schema

    return fresh_schema(request.getfixturevalue("postgresql"))
