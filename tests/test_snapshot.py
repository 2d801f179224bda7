"""The snapshot follows the database: whole, atomic, and through faults."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from api import snapshot
from api.problems import Unavailable
from api.snapshot import Snapshot, SnapshotHolder
from data import releases
from data.catalog.documents import CatalogDocument
from data.database import Database, DatabaseUnavailable

LATER = datetime(2026, 12, 1, tzinfo=UTC)
SEED = "standing-mid-back-reach"


def without(documents: list[CatalogDocument], id_: str) -> list[CatalogDocument]:
    return [item for item in documents if not (item.kind == "exercise" and item.id == id_)]


def retire_one(database: Database, documents: list[CatalogDocument], id_: str = "cat-cow") -> None:
    database.system.write_now(releases.load, without(documents, id_), LATER)


def test_before_the_first_load_there_is_nothing(database: Database) -> None:
    with pytest.raises(Unavailable):
        _ = SnapshotHolder(database).current


def test_refresh_rebuilds_only_when_the_release_changed(database: Database, documents: list[CatalogDocument]) -> None:
    holder = SnapshotHolder(database)
    calls: list[int] = []
    holder.on_change(lambda: calls.append(holder.number))
    assert holder.refresh()
    first = holder.current
    assert not holder.refresh()
    assert holder.current is first
    retire_one(database, documents)
    assert holder.refresh()
    second = holder.current
    assert calls == [1, 2]
    assert "cat-cow" in first.numbers
    assert "cat-cow" not in second.numbers
    assert "cat-cow" in second.known_exercises
    assert "cat-cow" in second.release.retired


def test_exercises_are_numbered_in_id_order_with_their_own_bytes(database: Database) -> None:
    holder = SnapshotHolder(database)
    holder.refresh()
    current: Snapshot = holder.current
    assert list(current.numbers) == sorted(current.numbers)
    for id_, number in current.numbers.items():
        assert current.english.exercise(number).body.startswith(f'{{"id":"{id_}",'.encode())
        assert current.english.exercise(number).body.endswith(b'"translated":true}')
    assert {"mid_back", "back"} <= current.regions
    assert "stiff" in current.symptoms


def test_watching_follows_and_outlives_faults(
    database: Database, documents: list[CatalogDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "POLL_SECONDS", 0.01)
    holder = SnapshotHolder(database)
    holder.refresh()
    true_read = database.read
    faults = {"left": 3}

    async def failing(*arguments: Any, **named: Any) -> Any:
        if faults["left"]:
            faults["left"] -= 1
            raise DatabaseUnavailable("gone for a moment")
        return await true_read(*arguments, **named)

    monkeypatch.setattr(database, "read", failing)

    async def scenario() -> None:
        watching = asyncio.create_task(holder.watch())
        retire_one(database, documents)
        for _ in range(500):
            await asyncio.sleep(0.01)
            if holder.number == 2:
                break
        watching.cancel()

    asyncio.run(scenario())
    assert faults["left"] == 0
    assert holder.number == 2
