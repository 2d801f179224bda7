"""The two walks for developers, as anybody runs them: plain scripts against the real server."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.database import Database
from schemas.access import Scope
from tests.conftest import ROOT, Tenant, make_tenant
from tests.data.making import NOW
from tests.linking import make_app
from tests.serving import Server, free_port

WALKS = ROOT / "tests" / "walks"


@pytest.fixture
def clinic(database_url: str) -> Tenant:
    """A clinic beside one organisation that is open for sign-up."""
    database = Database(database_url)
    database.open()
    make_app(database, NOW)
    made = make_tenant(database, "clinic", documented_scopes())
    database.close()
    return made


def documented_scopes() -> list[Scope]:
    """The scopes of the key that the README makes for the walk of the clinic."""
    command = (ROOT / "README.md").read_text(encoding="utf-8").split("KEY=$(")[1].split(")")[0]
    return [Scope(name) for name in re.findall(r"--scope (\S+)", command)]


@pytest.fixture
def address(database_url: str, clinic: Tenant, tmp_path: Path) -> Iterator[str]:
    with Server(database_url, free_port()) as server:
        server.start(tmp_path)
        yield f"http://127.0.0.1:{server.port}"


def walk(script: str, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, WALKS / script, *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("walk: done\n")


def test_a_mobile_developers_walk(address: str) -> None:
    walk("mobile.py", address)


def test_a_clinics_walk(address: str, clinic: Tenant) -> None:
    walk("clinic.py", address, clinic.key)
