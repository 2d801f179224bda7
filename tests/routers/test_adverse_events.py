"""What hurt in a session is a report: as true as the session, with release, dose and conditions, listed by exercise."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from api.__main__ import cli
from api.examples import OWN_EXERCISE
from data import person_records, retention
from data.adverse_events import AdverseEventRow
from data.database import Database
from data.prepared import PreparedStatement
from tests.conftest import Tenant, make_tenant
from tests.data.making import STRETCH
from tests.linking import Pair, pair
from tests.routers.posting import NOW, YESTERDAY, body, post
from tests.signing import sign_up

OTHER = "childs-pose"
ASKED = {"text": "sore between my shoulder blades after heavy rows", "conditions": ["stenosis"], "limit": 20}


def session(tenant: Tenant, *hurting: str, **changes: Any) -> dict[str, Any]:
    """A session of two exercises, some of which hurt."""
    exercises = [
        {"exercise_id": key, "sets": 2, "hold_seconds": 20, "hurt": key in hurting} for key in (STRETCH, OTHER)
    ]
    return body(tenant.person_id, **{"exercises": exercises, **changes})


def reports(database: Database) -> list[Any]:
    def found(opened: Session) -> list[Any]:
        rows = opened.exec(select(AdverseEventRow).order_by(AdverseEventRow.exercise_id)).all()
        return [row.model_dump() for row in rows]

    return database.system.read_now(found)


def hurt_in(database: Database) -> list[str]:
    return [report["exercise_id"] for report in reports(database)]


def change(client: TestClient, tenant: Tenant, log: Any, **patch: Any) -> Any:
    headers = {**tenant.headers, "If-Match": "*"}
    answer = client.patch(f"/sessions/{log['id']}", json=patch, headers=headers)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def test_what_hurt_is_reported_with_release_dose_and_conditions(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    asked = client.post("/recommendations", json={**ASKED, "person_id": str(tenant.person_id)}, headers=tenant.headers)
    answer = asked.json()
    dosage = next(offer["dosage"] for offer in answer["exercises"] if offer["exercise"]["id"] == STRETCH)
    log = session(tenant, STRETCH, recommendation_id=answer["id"])
    assert post(client, tenant, log).status_code == 201
    (report,) = reports(database)
    assert (str(report["session_id"]), report["exercise_id"], report["person_id"]) == (
        log["id"], STRETCH, tenant.person_id,
    )  # fmt: skip
    assert (report["catalog"], report["ruleset"]) == (answer["release"]["catalog"], answer["release"]["ruleset"])
    assert report["done"] == [{"side": "both", "sets": 2, "hold_seconds": 20}]
    assert (report["prescribed"], report["conditions"]) == (dosage, ["stenosis"])
    assert report["occurred_at"] == YESTERDAY


def test_without_a_recommendation_the_release_of_the_day_is_told(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    assert post(client, tenant, session(tenant, OTHER, recommendation_id=str(UUID(int=5)))).status_code == 201
    (report,) = reports(database)
    assert report["catalog"] == client.get("/catalog").json()["release"]["catalog"]
    assert (report["prescribed"], report["conditions"]) == (None, None)


def test_both_sides_of_one_exercise_are_one_report(client: TestClient, tenant: Tenant, database: Database) -> None:
    sides = [{"exercise_id": STRETCH, "side": side, "hurt": True} for side in ("left", "right")]
    assert post(client, tenant, session(tenant, exercises=sides)).status_code == 201
    (report,) = reports(database)
    assert report["done"] == [{"side": "left"}, {"side": "right"}]


def test_a_session_that_hurt_nobody_costs_no_statement_more(
    client: TestClient, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    prepared = PreparedStatement._on

    def on(self: PreparedStatement, opened: Any) -> Any:
        found = prepared(self, opened)
        sent.append(found[1].sql)
        return found

    monkeypatch.setattr(PreparedStatement, "_on", on)
    assert post(client, tenant, session(tenant)).status_code == 201
    assert sent
    assert not [statement for statement in sent if "adverse_event" in statement]
    assert post(client, tenant, session(tenant, STRETCH, OTHER)).status_code == 201
    assert len([statement for statement in sent if "adverse_event" in statement]) == 1


def test_a_replay_reports_nothing_twice_and_a_batch_reports_each(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    logs = [session(tenant, STRETCH), session(tenant), session(tenant, STRETCH, OTHER)]
    for _ in range(2):
        answer = client.post("/sessions/batch", json={"sessions": [*logs, logs[0]]}, headers=tenant.headers)
        assert answer.status_code == 200
        assert hurt_in(database) == [OTHER, STRETCH, STRETCH]
    assert post(client, tenant, logs[0]).status_code == 200
    assert hurt_in(database) == [OTHER, STRETCH, STRETCH]


def test_a_change_and_a_deletion_keep_it_true(client: TestClient, tenant: Tenant, database: Database) -> None:
    log = session(tenant)
    assert post(client, tenant, log).status_code == 201
    assert hurt_in(database) == []
    one = [{"exercise_id": STRETCH, "sets": 2, "hold_seconds": 20, "hurt": True}]
    change(client, tenant, log, exercises=one)
    (first,) = reports(database)
    change(
        client, tenant, log, exercises=[{**one[0], "sets": 1}], started_at=(YESTERDAY - timedelta(hours=1)).isoformat()
    )
    (second,) = reports(database)
    assert second["done"] == [{"side": "both", "sets": 1, "hold_seconds": 20}]
    assert second["occurred_at"] == YESTERDAY - timedelta(hours=1)
    assert second["reported_at"] == first["reported_at"]
    change(client, tenant, log, exercises=[{"exercise_id": OTHER, "hurt": True}])
    assert hurt_in(database) == [OTHER]
    change(client, tenant, log, effort=5)
    assert hurt_in(database) == [OTHER]
    change(client, tenant, log, exercises=[{"exercise_id": OTHER}])
    assert hurt_in(database) == []
    change(client, tenant, log, exercises=one)
    deleted = client.delete(f"/sessions/{log['id']}", headers={**tenant.headers, "If-Match": "*"})
    assert deleted.status_code == 204
    assert hurt_in(database) == []


def test_the_recommendation_changes_at_once(client: TestClient, tenant: Tenant) -> None:
    question = {**ASKED, "conditions": [], "person_id": str(tenant.person_id)}

    def reach() -> Any:
        answer = client.post("/recommendations", json=question, headers=tenant.headers).json()
        offers = [offer for offer in answer["exercises"] if offer["exercise"]["id"] == STRETCH]
        return offers[0] if offers else None

    before = reach()
    log = session(tenant, STRETCH)
    assert post(client, tenant, log).status_code == 201
    after = reach()
    assert after["progression"]["rule"] == "hurt"
    assert after["dosage"]["repetitions"][1] < before["dosage"]["repetitions"][1]
    assert post(client, tenant, session(tenant, STRETCH, started_at=NOW - timedelta(hours=3))).status_code == 201
    assert reach() is None
    change(client, tenant, log, exercises=[{"exercise_id": STRETCH, "hurt": False}])
    assert reach()["progression"]["change"] == "regress"


def test_an_erasure_and_the_retention_leave_no_report(client: TestClient, tenant: Tenant, database: Database) -> None:
    other = make_tenant(database, "other clinic")
    for holder in (tenant, other):
        assert post(client, holder, session(holder, STRETCH)).status_code == 201
    erased = client.post(f"/people/{tenant.person_id}/erasure", headers=tenant.headers)
    assert erased.status_code == 200
    assert [report["person_id"] for report in reports(database)] == [other.person_id]
    doors, later = database.bound_to(other.organization_id), NOW + timedelta(days=30)
    assert doors.write_now(retention.expire, other.person_id, later, later)
    assert reports(database) == []


def test_an_archive_holds_the_reports(client: TestClient, tenant: Tenant, database: Database) -> None:
    assert post(client, tenant, session(tenant, STRETCH)).status_code == 201
    doors = database.bound_to(tenant.organization_id)
    held = doors.write_now(person_records.archive, tenant.person_id, NOW)
    assert held is not None
    (records,) = [each for each in held.records if each.kind == "adverse_event"]
    assert dict(zip(records.columns, records.rows[0], strict=True))["exercise_id"] == STRETCH


def test_what_a_link_brings_is_reported_where_it_comes_from(
    entry: TestClient, tenant: Tenant, database: Database, vendor: UUID
) -> None:
    phone = sign_up(entry)
    Pair(entry, tenant, phone).link(covers_from=NOW - timedelta(days=30))
    log = {**session(tenant, STRETCH), "person_id": phone.person_id}
    assert phone.post("/sessions", log).status_code == 201
    copies = entry.get("/sessions", headers=tenant.headers).json()["items"]
    assert [copy["exercises"][0]["hurt"] for copy in copies] == [True]
    (report,) = reports(database)
    assert report["organization_id"] == vendor
    changed = entry.patch(
        f"/sessions/{log['id']}",
        json={"exercises": [{"exercise_id": STRETCH}]},
        headers={**phone.headers, "If-Match": "*"},
    )
    assert changed.status_code == 200
    assert reports(database) == []


def test_what_a_link_brought_stands_in_no_report(client: TestClient, database: Database) -> None:
    linked = pair(client, database, NOW)
    linked.link(sessions=False, progress=False, recommendations=True)
    shared = linked.phone.post("/recommendations", ASKED).json()["id"]
    assert linked.at_clinic(f"/recommendations/{shared}").status_code == 200
    later = NOW + timedelta(hours=1)
    for named in ({"recommendation_id": shared}, {}):
        log = session(linked.clinic, STRETCH, started_at=later, ended_at=later + timedelta(minutes=1), **named)
        assert post(client, linked.clinic, log).status_code == 201
    assert [(each["prescribed"], each["conditions"]) for each in reports(database)] == [(None, None)] * 2


def test_own_exercises_of_different_organisations_are_counted_apart(
    client: TestClient, tenant: Tenant, other_tenant: Tenant, database_url: str
) -> None:
    own = str(OWN_EXERCISE["id"])
    for holder in (tenant, other_tenant):
        assert client.post("/exercises", json=OWN_EXERCISE, headers=holder.headers).status_code == 201
        log = body(holder.person_id, exercises=[{"exercise_id": own, "hurt": True}])
        assert post(client, holder, log).status_code == 201
    told = CliRunner().invoke(cli, ["events"], env={"LIMBER_DATABASE_URL": database_url}).stdout.splitlines()
    organisations = {holder.organization_id for holder in (tenant, other_tenant)}
    assert {line.split(":")[0] for line in told} == {f"{own} of {each}" for each in organisations}
    assert all("events 1, people 1" in line for line in told)


def test_the_command_lists_them_by_exercise(
    client: TestClient, tenant: Tenant, database: Database, database_url: str
) -> None:
    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["events", *arguments], env={"LIMBER_DATABASE_URL": database_url})

    assert run().stdout == ""
    other = make_tenant(database, "other clinic")
    asked = {**ASKED, "person_id": str(tenant.person_id)}
    assert client.post("/recommendations", json=asked, headers=tenant.headers).status_code == 200
    later = NOW + timedelta(hours=1)
    for holder, hurting in ((tenant, [STRETCH, OTHER]), (tenant, [OTHER]), (other, [STRETCH])):
        assert post(client, holder, session(holder, *hurting, started_at=later)).status_code == 201
    first, second = run().stdout.splitlines()
    assert first.startswith(
        f"{STRETCH}: events 2, people 2, {later:%Y-%m-%d} to {later:%Y-%m-%d}, stenosis 1, release "
    )
    assert second.startswith(f"{OTHER}: events 2, people 1, ")
    assert str(tenant.person_id) not in run().stdout
    (alone,) = run("--organization", "other clinic").stdout.splitlines()
    assert alone.startswith(f"{STRETCH}: events 1, people 1, ")
    assert "no conditions told" in alone
    assert run("--since", f"{later + timedelta(days=1):%Y-%m-%d}").stdout == ""
    refused = run("--organization", "nobody")
    assert (refused.exit_code, refused.stdout) == (1, "")
