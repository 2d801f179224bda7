"""A client that follows the catalogue by cursors, and the random edits of editors that it lives through."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from api.snapshot import SnapshotHolder
from data.catalog.documents import CatalogDocument
from schemas.translations import Translated, Translation

Held = dict[tuple[str, str], Any]

COLLECTIONS = {
    "exercises": "exercise",
    "regions": "region",
    "muscles": "muscle",
    "equipment": "equipment",
    "causes": "cause",
    "properties": "property",
    "stop_rules": "stop_rule",
    "kinds": "kind",
    "conditions": "condition",
    "red_flags": "red_flag",
    "questions": "question",
    "numbers": "numbers",
}


def exported(client: TestClient, language: str = "en", headers: dict[str, str] | None = None) -> tuple[Held, str]:
    """Return everything that the export holds, and the cursor to go on from."""
    export = client.get(f"/catalog/export?language={language}", headers=headers).json()
    held = {
        (kind, item.get("id") or item["country"]): item for name, kind in COLLECTIONS.items() for item in export[name]
    }
    held["tuning", "tuning"] = export["tuning"]
    assert set(export) == {*COLLECTIONS, "catalog", "cursor", "tuning"}
    return held, export["cursor"]


@dataclass
class Follower:
    """Holds what it was told, and its cursor."""

    client: TestClient
    language: str = "en"
    limit: int = 100
    headers: dict[str, str] = field(default_factory=dict)
    held: Held = field(default_factory=dict)
    cursor: str | None = None
    restarts: int = 0

    def ask(self) -> Response:
        """Ask for one page and take it up; a lost cursor starts again from nothing."""
        sent = {"limit": str(self.limit), "language": self.language, **({"cursor": self.cursor} if self.cursor else {})}
        answer = self.client.get("/catalog/changes", params=sent, headers=self.headers)
        if answer.status_code == 410:
            self.held, self.cursor = {}, None
            self.restarts += 1
            return self.ask()
        assert answer.status_code == 200, answer.text
        for item in answer.json()["items"]:
            if item["removed"]:
                self.held.pop((item["kind"], item["id"]), None)
            else:
                self.held[item["kind"], item["id"]] = item["document"]
        self.cursor = answer.json()["next"]
        return answer

    def catch_up(self) -> None:
        """Ask until there is no more."""
        while self.ask().json()["more"]:
            pass


def snapshots_of(client: TestClient) -> SnapshotHolder:
    """Return what the application behind the cache serves from."""
    served: Any = client.app
    holder: SnapshotHolder = served.app.app._app.state.snapshots
    return holder


class Editors:
    """Changes a catalogue at random, as editors do: adds, removes, brings back, renames, rewrites, translates."""

    def __init__(self, documents: Iterable[CatalogDocument], seed: int) -> None:
        self.random = random.Random(seed)
        self.documents = {(item.kind, item.id): item for item in documents}
        self.removed: list[CatalogDocument] = []
        self.count = 0

    def edit(self) -> list[CatalogDocument]:
        """Make a few edits and return the catalogue."""
        for _ in range(self.random.randint(1, 6)):
            self.count += 1
            self.random.choice(
                (
                    self._remove,
                    self._bring_back,
                    self._rename,
                    self._rewrite,
                    self._reword,
                    self._translate,
                    self._forget,
                )
            )()
        return list(self.documents.values())

    def _pick(self, *kinds: str) -> CatalogDocument:
        return self.random.choice([item for key, item in sorted(self.documents.items()) if key[0] in kinds])

    def _put(self, item: CatalogDocument, document: Any, id_: str | None = None) -> None:
        made = CatalogDocument(item.kind, id_ or item.id, document, Path())
        self.documents[made.kind, made.id] = made

    def _remove(self) -> None:
        item = self._pick("exercise", "equipment", "muscle")
        self.removed.append(self.documents.pop((item.kind, item.id)))

    def _bring_back(self) -> None:
        if self.removed:
            item = self.removed.pop(self.random.randrange(len(self.removed)))
            self.documents[item.kind, item.id] = item

    def _rename(self) -> None:
        item = self._pick("exercise")
        del self.documents[item.kind, item.id]
        name = f"renamed-{self.count}"
        self._put(item, item.document.model_copy(update={"id": name, "name": name}), name)

    def _rewrite(self) -> None:
        item = self._pick("exercise")
        self._put(item, item.document.model_copy(update={"summary": f"A summary that was written anew {self.count}."}))

    def _reword(self) -> None:
        kind, name = self.random.choice(
            [
                ("stop_rule", "text"),
                ("region", "name"),
                ("red_flag", "reason"),
                ("numbers", "emergency"),
                ("kind", "name"),
            ]
        )
        item = self._pick(kind)
        self._put(item, item.document.model_copy(update={name: f"Worded anew {self.count}"}))

    def _translate(self) -> None:
        item, language = self._pick("exercise", "region", "kind"), self.random.choice(["de", "fr"])
        made = Translation(language=language, of=Translated(item.kind), id=item.id, name=f"Neu {self.count}")
        key = f"{language}.{item.kind}.{item.id}"
        self.documents["translation", key] = CatalogDocument("translation", key, made, Path())

    def _forget(self) -> None:
        known = sorted(key for key in self.documents if key[0] == "translation")
        if known:
            del self.documents[self.random.choice(known)]
