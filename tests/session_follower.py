"""A client that follows the sessions by cursor, as a second device of a person does."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Follower:
    """Holds the sessions that it was told of, and its cursor. `client` is anything with the `get` of a test client."""

    client: Any
    headers: dict[str, str]
    limit: int = 50
    person_id: str | None = None
    held: dict[str, Any] = field(default_factory=dict)
    cursor: str | None = None
    restarts: int = 0
    told: int = 0

    def ask(self) -> bool:
        """Ask for one page and take it up; True when there is more. A lost cursor starts again from nothing."""
        sent = {"limit": str(self.limit), "cursor": self.cursor, "person_id": self.person_id}
        params = {name: value for name, value in sent.items() if value is not None}
        answer = self.client.get("/sessions/changes", params=params, headers=self.headers)
        if answer.status_code == 410:
            self.held, self.cursor = {}, None
            self.restarts += 1
            return True
        assert answer.status_code == 200, answer.text
        page = answer.json()
        ids = [item["id"] for item in page["items"]]
        assert len(ids) == len(set(ids)) <= self.limit
        for item in page["items"]:
            assert item["deleted"] == (item["session"] is None)
            if item["deleted"]:
                self.held.pop(item["id"], None)
            else:
                self.held[item["id"]] = item["session"]
        self.told += len(ids)
        self.cursor = page["next"]
        return bool(page["more"])

    def catch_up(self) -> None:
        """Ask until there is no more."""
        while self.ask():
            pass
