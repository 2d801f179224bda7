"""What phones queue without network, and an oracle that works out beside the server what it must answer and hold."""

from dataclasses import dataclass, field
from typing import Any

FIELDS = ("person_id", "timezone", "effort", "title")


@dataclass(frozen=True)
class Operation:
    """Something that a phone wants stored; `version` is the one of the session that it saw."""

    id: str
    version: int
    content: dict[str, Any] = field(hash=False, compare=False)


class Post(Operation):
    """A completed session."""


class Edit(Operation):
    """A merge patch."""


class Deletion(Operation):
    """A deletion."""


class Phone:
    """A queue, and the version of each session that the phone believes in."""

    def __init__(self) -> None:
        self.queue: list[Operation] = []
        self.everything: list[Operation] = []
        self.versions: dict[str, int] = {}

    def add(self, session: dict[str, Any]) -> None:
        """Queue a completed session."""
        self.versions[session["id"]] = 1
        self._put(Post(session["id"], 0, session))

    def edit(self, key: str, patch: dict[str, Any]) -> None:
        """Queue an edit of a session as the phone believes it to be."""
        self._put(Edit(key, self.versions[key], patch))
        self.versions[key] += 1

    def delete(self, key: str) -> None:
        """Queue a deletion."""
        self._put(Deletion(key, self.versions.pop(key), {}))

    def hear(self, operation: Operation, status: int) -> None:
        """Take an answer. What was 404 waits for the post before it; the rest is settled, also a conflict."""
        if status != 404 and operation in self.queue:
            self.queue.remove(operation)

    def learn(self, held: dict[str, Any]) -> None:
        """Believe what the changes told."""
        waiting = {operation.id for operation in self.queue}
        self.versions |= {key: log["version"] for key, log in held.items() if key not in waiting}

    def _put(self, operation: Operation) -> None:
        self.queue.append(operation)
        self.everything.append(operation)


class Oracle:
    """The sessions as a plain reading of the rules has them; a deleted one is None."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any] | None] = {}
        self.posted: dict[str, dict[str, Any]] = {}
        self.sent: set[type] = set()
        self.statuses: set[int] = set()

    def take(self, operation: Operation) -> int:
        """Return the status that the server must answer with, and remember what it then holds."""
        self.sent.add(type(operation))
        status = self._post(operation) if isinstance(operation, Post) else self._change(operation)
        self.statuses.add(status)
        return status

    def versions_of(self, person_id: str | None) -> dict[str, int]:
        """Return the versions of the sessions of one person, or of everybody, that are not deleted."""
        return {
            key: log["version"]
            for key, log in self.sessions.items()
            if log is not None and person_id in (None, log["person_id"])
        }

    def check(self, key: str, log: dict[str, Any]) -> None:
        """Compare what the server holds of one session."""
        mine = self.sessions[key]
        assert mine is not None, "it was deleted"
        assert {name: log[name] for name in (*FIELDS, "version")} == {
            name: mine.get(name) for name in (*FIELDS, "version")
        }

    def _post(self, operation: Operation) -> int:
        if operation.id not in self.sessions:
            self.sessions[operation.id] = {**operation.content, "version": 1}
            self.posted[operation.id] = operation.content
            return 201
        if self.sessions[operation.id] is None:
            return 410
        return 200 if self.posted[operation.id] == operation.content else 409

    def _change(self, operation: Operation) -> int:
        if operation.id not in self.sessions:
            return 404
        now = self.sessions[operation.id]
        if now is None:
            return 404 if isinstance(operation, Edit) else 204
        if now["version"] == operation.version:
            edited = {**now, **operation.content, "version": operation.version + 1}
            self.sessions[operation.id] = edited if isinstance(operation, Edit) else None
            return 200 if isinstance(operation, Edit) else 204
        was_last = isinstance(operation, Edit) and now["version"] == operation.version + 1
        return 200 if was_last and {**now, **operation.content} == now else 412


class Server:
    """The server, each of whose answers is compared with the oracle's."""

    def __init__(self, client: Any, headers: dict[str, str], oracle: Oracle) -> None:
        self._client, self._headers, self._oracle = client, headers, oracle

    def send(self, operation: Operation) -> int:
        """Send one operation and return the status."""
        expected = self._oracle.take(operation)
        headers = {**self._headers, "If-Match": f'"v{operation.version}"'}
        path = f"/sessions/{operation.id}"
        if isinstance(operation, Post):
            answer = self._client.post("/sessions", json=operation.content, headers=self._headers)
        elif isinstance(operation, Edit):
            answer = self._client.patch(path, json=operation.content, headers=headers)
        else:
            answer = self._client.delete(path, headers=headers)
        assert answer.status_code == expected, (operation, answer.text)
        if expected == 412:
            self._oracle.check(operation.id, answer.json()["current"])
        elif expected in {200, 201}:
            self._oracle.check(operation.id, answer.json())
        return expected

    def send_batch(self, posts: list[Operation] | list[Post]) -> list[int]:
        """Send posts in one batch and return the status that each would have had alone."""
        expected = [self._oracle.take(operation) for operation in posts]
        content = {"sessions": [operation.content for operation in posts]}
        answer = self._client.post("/sessions/batch", json=content, headers=self._headers)
        assert answer.status_code == 200, answer.text
        meanings = {"created": 201, "replayed": 200, "deleted": 410, "conflict": 409}
        results = answer.json()["results"]
        assert [meanings[result["status"]] for result in results] == expected
        assert [result["id"] for result in results if result["problem"] is None] == [
            operation.id for operation, status in zip(posts, expected, strict=True) if status < 400
        ]
        return expected

    def everything_of(self, person_id: str) -> dict[str, Any]:
        """Return all sessions of a person, by id."""
        held: dict[str, Any] = {}
        query = {"person_id": person_id, "limit": "200"}
        while True:
            page = self._client.get("/sessions", params=query, headers=self._headers).json()
            assert not held.keys() & {log["id"] for log in page["items"]}
            held |= {log["id"]: log for log in page["items"]}
            if page["next"] is None:
                return held
            query["cursor"] = page["next"]
