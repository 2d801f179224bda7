"""The calls of the README, sent as they stand there: the answers are those it shows."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from api.banner import EXTERNAL_ID
from api.examples import PERSON_ID, SESSION_ID
from api.main import create_app
from api.settings import Settings
from data import access, people
from data.database import Database
from schemas.access import Scope
from schemas.people import PersonCreate

README = (Path(__file__).parents[2] / "README.md").read_text()
BLOCKS = re.findall(r"```(sh|json)\n(.*?)```", README, flags=re.DOTALL)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
EMERGENCY = "between my shoulder blades and I feel sweaty and sick"


def curl(text: str) -> dict[str, Any]:
    """Return what the call sends, as arguments of the test client."""
    words = re.sub(r"\\\n", " ", text)
    body = re.search(r"-d '(.*)'", words, flags=re.DOTALL)
    address = re.search(r"http://127\.0\.0\.1:8000([^'\s]*)", words)
    assert address is not None
    return {
        "method": "GET" if body is None else "POST",
        "url": address[1],
        "json": None if body is None else json.loads(body[1]),
    }


CALLS = [curl(text) for kind, text in BLOCKS if kind == "sh"]
SHOWN = [json.loads(text) for kind, text in BLOCKS if kind == "json"]


def missing(shown: Any, real: Any, place: str = "") -> list[str]:
    """Return where the real answer lacks what is shown; shown lists are the beginning of the real ones."""
    if isinstance(shown, dict) and isinstance(real, dict):
        gone = [f"{place}/{key}" for key in shown.keys() - real.keys()]
        return gone + [
            found for key in shown.keys() & real.keys() for found in missing(shown[key], real[key], f"{place}/{key}")
        ]
    if isinstance(shown, list) and isinstance(real, list) and shown:
        pairs = zip(shown, real, strict=False)
        short = [f"{place}: {len(real)} items"] if len(real) < len(shown) else []
        return short + [found for i, (one, other) in enumerate(pairs) for found in missing(one, other, f"{place}/{i}")]
    return [] if shown == real else [f"{place}: {real!r}"]


@pytest.fixture
def morning(database_url: str) -> Iterator[TestClient]:
    """A client of a server whose clock stands on the morning of the README's session."""
    with TestClient(create_app(Settings(database_url=database_url, _env_file=None), clock=lambda: NOW)) as opened:
        yield opened


@pytest.fixture
def headers(database: Database) -> dict[str, str]:
    organization_id, key = database.system.write_now(access.add_key, "development", list(Scope), NOW)
    person = PersonCreate(id=UUID(PERSON_ID), external_id=EXTERNAL_ID)
    database.bound_to(organization_id).write_now(people.add, person, NOW)
    return {"Authorization": f"Bearer {key}"}


def test_the_calls_answer_what_the_readme_shows(morning: TestClient, headers: dict[str, str]) -> None:
    page_call, recommendation_call, session_call, progress_call = CALLS
    recommendation, progress, emergency = SHOWN
    page = morning.request(**page_call)
    assert page.status_code == 200
    assert len(page.json()["items"]) == 3
    assert {"etag", "link"} <= page.headers.keys()

    recommended = morning.request(**recommendation_call).json()
    assert missing(recommendation, recommended) == []
    assert "standing-mid-back-reach" in [item["exercise"]["id"] for item in recommended["exercises"][:3]]

    first = morning.request(**session_call, headers=headers)
    again = morning.request(**session_call, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    assert first.json()["id"] == SESSION_ID
    assert missing(progress, morning.request(**progress_call, headers=headers).json()) == []

    answer = morning.post("/recommendations", json={"text": EMERGENCY}).json()
    assert EMERGENCY in README
    assert missing(emergency, answer) == []
    assert answer["exercises"] == answer["routine"]["items"] == []
