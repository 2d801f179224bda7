"""Programs made through the front door, for the tests of the room."""

from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.data.making import STRETCH
from tests.routers.posting import NOW, body, post

TODAY = datetime.now(UTC).date()
BREATHING = "diaphragmatic-breathing"
GREEN = {"before": 3, "during_max": 2, "next_morning": 2}
RED = {"before": 3, "during_max": 6, "next_morning": 3}
DOSE = {"hold_seconds": [10, 10], "repetitions": [3, 3]}


def item(exercise: str = STRETCH, **more: Any) -> dict[str, Any]:
    return {"exercise_id": exercise, **more}


def program(tenant: Tenant, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = {
        "person_id": str(tenant.person_id),
        "starts_on": str(TODAY),
        "timezone": "UTC",
        "phases": [{"items": list(items) or [item()]}],
    }
    return {**made, **more}


def added(client: TestClient, tenant: Tenant, content: dict[str, Any]) -> Any:
    answer = client.post("/programs", json=content, headers=tenant.headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def changed(client: TestClient, tenant: Tenant, known: Any, **patch: Any) -> Any:
    headers = {**tenant.headers, "If-Match": f'"v{known["version"]}"'}
    answer = client.patch(f"/programs/{known['id']}", json=patch, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def today(client: TestClient, tenant: Tenant, known: Any, **query: Any) -> Any:
    query = {"timezone": "UTC", **query}
    answer = client.get(f"/programs/{known['id']}/today", params=query, headers=tenant.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def done(client: TestClient, tenant: Tenant, days_ago: float, pain: dict[str, Any] | None = None, **more: Any) -> Any:
    """Post a session in which the stretch was done, and felt easy."""
    exercises = more.pop("exercises", [STRETCH])
    session = body(
        tenant.person_id,
        started_at=NOW - timedelta(days=days_ago),
        ended_at=NOW - timedelta(days=days_ago),
        timezone="UTC",
        pain=[{"region": "mid_back", **(pain or GREEN)}],
        effort=4,
        exercises=[{"exercise_id": name, "completion_percent": 100} for name in exercises],
        **more,
    )
    answer = post(client, tenant, session)
    assert answer.status_code == 201, answer.text
    return answer.json()
