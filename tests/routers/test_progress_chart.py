"""The chart: readable by those who see and those who do not, the same bytes for the same figures, nobody else's."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import psutil
import pytest
from starlette.testclient import TestClient

from api import charts
from api.main import create_app
from api.settings import Settings
from schemas.charts import Chart
from tests.conftest import Tenant
from tests.data.making import body
from tests.routers.posting import pointers
from tests.routers.programming import added, done, item, program

NOW = datetime.now(UTC)
SVG = "{http://www.w3.org/2000/svg}"


def chart(client: TestClient, tenant: Tenant, **query: Any) -> Any:
    asked = {"person_id": str(tenant.person_id), "timezone": "UTC", **query}
    return client.get("/progress.svg", params=asked, headers=tenant.headers)


def filled(client: TestClient, tenant: Tenant, days: int, regions: tuple[str, ...] = ("mid_back",)) -> None:
    sessions = [
        body(
            tenant.person_id,
            started_at=NOW - timedelta(days=day),
            timezone="UTC",
            pain=[{"region": region, "before": min(9, 2 + day // 3), "after": 2} for region in regions],
        )
        for day in range(days)
    ]
    for start in range(0, len(sessions), 500):
        answer = client.post(
            "/sessions/batch", json={"sessions": sessions[start : start + 500]}, headers=tenant.headers
        )
        assert answer.status_code == 200


def words(drawing: Any) -> str:
    assert drawing.status_code == 200, drawing.text
    return " ".join(part.strip() for part in ElementTree.fromstring(drawing.content).itertext() if part.strip())


@pytest.mark.parametrize("sessions", [0, 1, 3, 300])
def test_it_is_drawn_for_any_number_of_sessions(client: TestClient, tenant: Tenant, sessions: int) -> None:
    filled(client, tenant, sessions)
    for theme in ("light", "dark"):
        drawn = chart(client, tenant, theme=theme, days=365)
        assert (drawn.headers["content-type"], drawn.headers["cache-control"]) == ("image/svg+xml", "no-store")
        root = ElementTree.fromstring(drawn.content)
        assert [child.tag for child in list(root)[:2]] == [f"{SVG}title", f"{SVG}desc"]
        assert root.get("role") == "img"
        assert f"Sessions a week: {sessions} in all" in words(drawn)
        assert chart(client, tenant, theme=theme, days=365).content == drawn.content
    assert chart(client, tenant, theme="light").content != chart(client, tenant, theme="dark").content


def test_it_says_in_numbers_and_words_what_it_shows(client: TestClient, tenant: Tenant) -> None:
    filled(client, tenant, 18, ("mid_back", "neck", "low_back", "hip"))
    said = words(chart(client, tenant, days=30))
    assert "Sessions a day: 18 in all" in said
    assert "7 \N{RIGHTWARDS ARROW} 2 before sessions (\N{MINUS SIGN}5): better by a change that matters" in said
    assert "18 sessions on 18 of the days" in said
    assert said.count("Not shown: ") == 1
    assert "2026" not in said.split("Pain and sessions")[0]


def test_a_program_is_told_and_drawn_as_due_and_done(client: TestClient, tenant: Tenant) -> None:
    assert "Pain and sessions" in words(chart(client, tenant))
    starts = (NOW - timedelta(days=20)).date().isoformat()
    added(client, tenant, program(tenant, item(), item("cat-cow"), starts_on=starts, timezone="UTC"))
    assert "Pain and sessions" in words(chart(client, tenant)), "before the first session nobody can tell what was done"
    done(client, tenant, 3, exercises=["cat-cow"])
    for days, told in ((2, "No sessions in these days. 0 of 4"), (60, "minutes in all. 1 of 42")):
        root = ElementTree.fromstring(chart(client, tenant, days=days).content)
        title, description = (str(child.text) for child in list(root)[:2])
        assert title.startswith("Pain and adherence, ")
        assert f"{told} exercises that were due were done" in description
        assert root.get("aria-label") == title
    said = words(chart(client, tenant, days=60))
    assert "Exercises done of those due, by week: 1 of 42 (2 %)" in said
    assert said.endswith(" done due"), "the legend"


def test_nothing_of_the_library_or_the_day_is_in_it(client: TestClient, tenant: Tenant) -> None:
    drawn = chart(client, tenant).text
    assert "<metadata" not in drawn
    assert "matplotlib.org" not in drawn
    assert f"T{NOW:%H}" not in drawn


def test_bad_queries_and_strangers(client: TestClient, tenant: Tenant, other_tenant: Tenant) -> None:
    refused = chart(client, tenant, theme="sepia")
    assert (refused.status_code, pointers(refused)) == (422, ["?theme"])
    assert pointers(client.get("/progress.svg", headers=tenant.headers)) == ["?person_id"]
    assert chart(client, other_tenant, person_id=str(tenant.person_id)).status_code == 404


def test_a_process_that_died_is_started_again(client: TestClient, tenant: Tenant) -> None:
    first = chart(client, tenant).content
    (child,) = drawing()
    child.kill()
    psutil.wait_procs([child])
    assert chart(client, tenant).content == first


def test_a_drawing_that_takes_too_long_is_given_up(
    client: TestClient, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charts, "COMMAND", (sys.executable, "-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(charts, "LONGEST_SECONDS", 0.2)
    refused = chart(client, tenant)
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/unavailable")
    monkeypatch.undo()
    assert chart(client, tenant).status_code == 200


def test_the_server_itself_never_loads_the_library() -> None:
    script = "import sys, api.main, api.__main__; print(sorted({'matplotlib', 'numpy'} & sys.modules.keys()))"
    alone = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert alone.stdout.strip() == "[]"


def test_the_process_ends_with_the_server(database_url: str, tenant: Tenant) -> None:
    settings = Settings(database_url=database_url, rate_limits=False, _env_file=None)
    with TestClient(create_app(settings)) as client:
        assert drawing() == [], "nothing is started before a chart is asked for"
        assert chart(client, tenant).status_code == 200
        assert len(drawing()) == 1
    assert drawing() == []


def drawing() -> list[psutil.Process]:
    """Return the processes of this one that draw."""
    children = psutil.Process().children()
    return [child for child in children if "api.chart_drawing" in child.cmdline()]


def test_one_organisation_leaves_room_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    held, (one, other) = Event(), (uuid4(), uuid4())
    monkeypatch.setattr(charts.Charts, "_drawn", lambda _self, order: order if held.wait(10) else b"")
    empty = Chart.model_construct()

    async def crowd() -> list[Any]:
        drawing = charts.Charts()
        asked = [one] * (charts.MOST_OF_ONE + 1) + [other]
        waiting = [asyncio.create_task(drawing.draw(empty, each)) for each in asked]
        await asyncio.sleep(0.1)
        refused = [each.done() for each in waiting]
        held.set()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert await drawing.draw(empty, one)
        drawing.close()
        return refused

    assert asyncio.run(crowd()) == [False] * charts.MOST_OF_ONE + [True, False]
