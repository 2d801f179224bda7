"""Hostile input on every route that takes any: never a 5xx, and the same status on both databases."""

import json
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.data.making import body

WRITES = ("/sessions", "/sessions/batch", "/people", "/recommendations", "/triage")

RAW: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 422),
    "no json": (b"hello", 400),
    "half an object": (b'{"id": ', 400),
    "bad utf-8": (b'{"external_id": "\xff\xfe"}', 400),
    "utf-16": ('{"external_id": "x"}'.encode("utf-16"), 400),
    "a byte order mark": (b'\xef\xbb\xbf{"external_id": "x"}', 400),
    "30,000 deep": (b"[" * 30_000, 400),
    "30,000 deep and closed": (b"[" * 30_000 + b"]" * 30_000, 400),
    "5,000 digits": (b'{"effort": ' + b"9" * 5000 + b"}", 400),
    "a member twice": (b'{"external_id": "a", "external_id": "b"}', 400),
    "a nested member twice": (b'{"sessions": [{"id": 1, "id": 2}]}', 400),
    "a list": (b"[]", 422),
    "null": (b"null", 422),
    "a number": (b"7", 422),
    "NaN": (b'{"effort": NaN}', 422),
    "infinity": (b'{"effort": -Infinity}', 422),
    "1e400": (b'{"effort": 1e400}', 422),
    "surrogate as a name": (b'{"\\ud800": 1}', 422),
    "zero byte in a name": (b'{"\\u0000": 1}', 422),
    "prototype": (b'{"__proto__": {"a": 1}, "constructor": 1}', 422),
}

STRINGS = {
    "lone surrogate": "\ud800", "zero byte": "a\x00b", "escape": "\x1b[31m", "delete": "\x7f", "c1 control": "\x85",
    "bidi": "\u202eabc", "zero width": "a\u200bb", "joined emoji": "\U0001f9d8\u200d\u2640\ufe0f",
    "sql": "'; DROP TABLE person; --", "template": "{{7*7}}${7*7}", "markup": "<script>alert(1)</script>",
    "newline": "a\r\nSet-Cookie: x=y", "combining": "e" + "\u0301" * 60, "nonchar": "\ufffe", "astral": "\U0010ffff",
    "spaces": "   ", "percent": "%s%n%x", "path": "../../../etc/passwd", "long": "x" * 5000,
}  # fmt: skip
VALUES: dict[str, Any] = {
    **STRINGS, "true": True, "minus one": -1, "2^31": 2**31, "2^63": 2**63, "-2^63-1": -(2**63) - 1, "10^40": 10**40,
    "1.5": 1.5, "1e308": 1e308, "empty list": [], "empty object": {}, "nested": {"a": [{"b": None}]},
    "first year": "0001-01-01T00:00:00+14:00",
    "last year": "9999-12-31T23:59:59-12:00",
    "leap second": "2026-06-30T23:59:60Z",
    "offset": "2026-06-30T12:00:00+99:99", "naive": "2026-06-30T12:00:00", "week": "2026-W27-2", "epoch": "1750000000",
    "braced uuid": "{" + str(uuid4()) + "}", "urn": f"urn:uuid:{uuid4()}",
}  # fmt: skip


QUERIES = {
    "offset": "%20", "negative": "-1", "2^63": str(2**63), "nul": "%00", "bad utf-8": "%ff", "surrogate": "%ed%a0%80",
    "nan": "nan", "empty": "", "huge": "9" * 4400, "twice": "1&limit=2",
}  # fmt: skip
PARAMETERS = (
    "limit", "cursor", "person_id", "external_id", "started_from", "exercise_id", "days", "region", "q", "x",
)  # fmt: skip
PLACES = ("%00", "%ff", "..%2f..%2fetc%2fpasswd", "a" * 3000, "%ed%a0%80", "1'--", "NaN", str(2**70))
TAGS = ('"v99999999999999999999"', '"' + "x" * 2000, "\x01", ",,,,", '"v1" ' * 50)

pytestmark = pytest.mark.endurance(
    "Hostile input on every route is never a 5xx, and both databases answer alike",
    "every text, number and time field",
)


class Attack:
    """Sends everything and remembers the statuses by what was sent."""

    def __init__(self, client: TestClient, tenant: Tenant) -> None:
        self.statuses: dict[str, int] = {}
        self._client, self._tenant = client, tenant

    def send(self, name: str, method: str, path: str, content: bytes | None = None, **more: str) -> None:
        headers = {"Content-Type": "application/json", **self._tenant.headers, **more}
        answer = self._client.request(method, path, content=content, headers=headers)
        assert answer.status_code < 500, (name, answer.status_code)
        if answer.status_code >= 400 and method != "HEAD":
            assert answer.headers["content-type"] == "application/problem+json", name
            assert "etc/passwd" not in answer.text, name
        self.statuses[name] = answer.status_code

    def send_bodies(self) -> None:
        for path in WRITES:
            for name, (content, _) in RAW.items():
                self.send(f"{path} raw {name}", "POST", path, content)
            self.send(f"{path} gzip", "POST", path, b"\x1f\x8b\x08", **{"Content-Encoding": "gzip"})
            self.send(f"{path} form", "POST", path, b"a=b", **{"Content-Type": "application/x-www-form-urlencoded"})
            self.send(f"{path} no type", "POST", path, b"{}", **{"Content-Type": ""})
            self.send(f"{path} big", "POST", path, b" " * 2_100_000)

    def send_values(self) -> None:
        session = body(self._tenant.person_id)
        answer = self._client.post("/sessions", json=session, headers=self._tenant.headers)
        stored = answer.headers["location"]
        for field in (*session, "spread", "new_symptoms", "recommendation_id", "program_id"):
            for name, value in VALUES.items():
                content = json.dumps({**session, "id": str(uuid4()), field: value}).encode()
                self.send(f"session {field} {name}", "POST", "/sessions", content)
                self.send(f"batch {field} {name}", "POST", "/sessions/batch", b'{"sessions": [' + content + b"]}")
                patch = json.dumps({field: value}).encode()
                self.send(f"patch {field} {name}", "PATCH", stored, patch, **{"If-Match": "*"})
        for field in ("id", "external_id"):
            for name, value in VALUES.items():
                content = json.dumps({"external_id": f"{field} {name}", field: value}).encode()
                self.send(f"person {field} {name}", "POST", "/people", content)

    def send_addresses(self) -> None:
        for path in ("/sessions", "/people", "/progress", "/exercises"):
            for parameter in PARAMETERS:
                for name, value in QUERIES.items():
                    self.send(f"{path}?{parameter} {name}", "GET", f"{path}?{parameter}={value}")
            for place in PLACES:
                self.send(f"{path}/{place[:20]}", "GET", f"{path}/{place}")
                self.send(f"HEAD {path}/{place[:20]}", "HEAD", f"{path}/{place}")
        for tag in TAGS:
            self.send(f"if-match {tag[:12]!r}", "DELETE", f"/sessions/{uuid4()}", None, **{"If-Match": tag})


SEEN: dict[str, dict[str, int]] = {}


def test_hostile_input_never_breaks_the_server(client: TestClient, tenant: Tenant, backend: str) -> None:
    attack = Attack(client, tenant)
    attack.send_bodies()
    attack.send_values()
    attack.send_addresses()
    found = SEEN[backend] = attack.statuses
    for path in WRITES:
        for name, (_, status) in RAW.items():
            assert found[f"{path} raw {name}"] == status, (path, name)
        assert found[f"{path} gzip"] == found[f"{path} form"] == 415, path
        assert found[f"{path} big"] == 413, path
    refused = ("lone surrogate", "zero byte", "escape", "delete", "c1 control", "long", "true", "2^63", "nested")
    for field in ("title", "notes"):
        assert {found[f"session {field} {name}"] for name in refused} == {422}
        assert found[f"session {field} joined emoji"] == found[f"session {field} bidi"] == 201
    for name in ("first year", "last year", "naive", "epoch", "leap second", "offset", "week"):
        assert found[f"session started_at {name}"] == 422, name
    assert {found[f"/sessions?limit {name}"] for name in ("negative", "2^63", "nul", "nan", "empty", "huge")} == {422}


def test_both_databases_answer_alike() -> None:
    if len(SEEN) == 2:
        one, two = SEEN.values()
        assert {name: (status, two[name]) for name, status in one.items() if two[name] != status} == {}
