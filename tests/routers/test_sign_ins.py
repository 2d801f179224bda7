"""Signing in, staying signed in and signing out: expiry, rotation, reuse, thieves and lost answers."""

import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session
from starlette.testclient import TestClient

from data import accounts, sign_ins
from data.access import key_digest
from data.accounts import AccountRow
from data.database import Database
from data.sign_ins import SignInRow, SpentRefreshRow
from tests.conftest import Tenant
from tests.signing import (
    FORGOTTEN_SECONDS,
    PASSWORD,
    Clock,
    Device,
    bearer,
    member,
    refresh,
    sign_in,
    sign_up,
    signed_in,
)


def rows_of(database: Database, table: Any) -> list[Any]:
    def read(session: Session) -> list[Any]:
        return [dict(row._mapping) for row in session.execute(select(table.__table__))]

    return database.system.read_now(read)


def refused(answer: Any) -> bool:
    return bool(answer.status_code == 401 and answer.json()["type"] == "/problems/sign-in-refused")


def test_people_and_members_sign_in_alike(entry: TestClient, tenant: Tenant) -> None:
    person = sign_up(entry, email="person@example.org")
    assert signed_in(entry, "Person@example.org ").get("/me").json()["person_id"] == person.person_id
    member(entry, tenant.headers, "editor", "editor@example.org")
    at_the_clinic = {"organization_id": str(tenant.organization_id)}
    assert signed_in(entry, "editor@example.org", **at_the_clinic).get("/me").json()["role"] == "editor"
    assert refused(sign_in(entry, "editor@example.org"))


def test_a_refused_sign_in_says_nothing(entry: TestClient, tenant: Tenant, vendor: UUID) -> None:
    sign_up(entry, email="person@example.org")
    entry.post("/organization/members", json={"email": "m@example.org", "role": "viewer"}, headers=tenant.headers)
    attempts = [
        sign_in(entry, "person@example.org", "wrong password"),
        sign_in(entry, "nobody@example.org"),
        sign_in(entry, "person@example.org", organization_id=str(tenant.organization_id)),
        sign_in(entry, "m@example.org", organization_id=str(tenant.organization_id)),
        sign_in(entry, "person@example.org", organization_id=str(uuid4())),
        sign_in(entry, "person@example.org", PASSWORD.upper()),
    ]
    assert {answer.status_code for answer in attempts} == {401}
    assert len({answer.content for answer in attempts}) == 1
    heads = [{name: value for name, value in a.headers.items() if name != "x-request-id"} for a in attempts]
    assert heads == heads[:1] * len(attempts)
    assert attempts[0].headers["www-authenticate"] == "Bearer"


def test_secrets_are_kept_as_digests_only(entry: TestClient, database: Database) -> None:
    device = sign_up(entry, email="person@example.org")
    held = [repr(rows_of(database, table)) for table in (AccountRow, SignInRow, SpentRefreshRow)]
    for secret in (PASSWORD, device.tokens["access_token"], device.tokens["refresh_token"]):
        assert not any(secret in text for text in held)
    assert "$argon2id$" in held[0]


def test_tokens_end(entry: TestClient, clock: Clock) -> None:
    device = sign_up(entry)
    assert device.get("/me").status_code == 200
    clock.forward(minutes=14, seconds=59)
    assert device.get("/me").status_code == 200
    clock.forward(seconds=1)
    assert device.get("/me").status_code == 401
    assert device.refresh().status_code == 200
    assert device.get("/me").status_code == 200
    clock.forward(days=59)
    assert device.refresh().status_code == 200
    clock.forward(days=59)
    assert device.refresh().status_code == 200
    clock.forward(days=60)
    assert refused(device.refresh())


def test_a_lost_answer_costs_nothing(entry: TestClient) -> None:
    device = sign_up(entry)
    first = device.tokens["refresh_token"]
    lost = [refresh(entry, first).json() for _ in range(3)]
    device.tokens = {"refresh_token": first}
    assert device.refresh().status_code == 200
    assert device.get("/me").status_code == 200
    for unused in lost:
        assert entry.get("/me", headers={"Authorization": f"Bearer {unused['access_token']}"}).status_code == 401


def test_a_mark_that_comes_late_is_not_taken_for_the_next_tokens(
    entry: TestClient, database: Database, vendor: UUID
) -> None:
    device = sign_up(entry)
    first = dict(device.tokens)
    assert refresh(entry, first["refresh_token"]).status_code == 200
    doors = database.bound_to(vendor)
    doors.write_now(sign_ins.mark_presented, key_digest(first["access_token"]))
    assert device.refresh().status_code == 200
    doors.write_now(sign_ins.mark_presented, key_digest(device.tokens["access_token"]))
    assert refused(refresh(entry, first["refresh_token"]))


def test_nobody_slips_in_with_a_password_that_is_being_changed(
    entry: TestClient, database: Database, vendor: UUID, clock: Clock
) -> None:
    device = sign_up(entry, email="person@example.org")
    doors, pair = database.bound_to(vendor), sign_ins.new_pair(clock(), timedelta(minutes=1), timedelta(days=1))
    checked = doors.read_now(accounts.by_email, "person@example.org")
    body = {"current_password": PASSWORD, "password": "quite another one"}
    assert entry.patch("/me", json=body, headers={**device.headers, "If-Match": "*"}).status_code == 200
    assert checked is not None
    assert not doors.write_now(sign_ins.begin_as, checked, pair, clock())
    assert entry.get("/me", headers=bearer(pair.access)).status_code == 401


def test_a_thief_and_the_owner_both_lose_the_sign_in(entry: TestClient) -> None:
    for thief_reads in (True, False):
        owner = sign_up(entry)
        stolen = owner.tokens["refresh_token"]
        thief = Device(entry, {"refresh_token": stolen})
        assert thief.refresh().status_code == 200
        if thief_reads:
            assert thief.get("/me").status_code == 200
        else:
            assert thief.refresh().status_code == 200
        assert refused(owner.refresh())
        assert refused(thief.refresh())
        time.sleep(FORGOTTEN_SECONDS)
        assert thief.get("/me").status_code == owner.get("/me").status_code == 401


def test_a_dead_successor_that_comes_after_all_was_in_other_hands(entry: TestClient) -> None:
    owner = sign_up(entry)
    thief = Device(entry, dict(owner.tokens))
    assert thief.refresh().status_code == 200
    assert owner.refresh().status_code == 200
    assert refused(thief.refresh())
    assert refused(owner.refresh())


class Oracle:
    """What the rules say of the refresh tokens of one sign-in, told by their place in the order of their making."""

    def __init__(self) -> None:
        self.made = 1
        self.current = 0
        self.previous: int | None = None
        self.used = True
        self.ended = False

    def takes(self, number: int) -> bool:
        if self.ended:
            return False
        if number == self.current:
            self.previous = number
        elif self.used or number != self.previous:
            self.ended = True
            return False
        self.current, self.used = self.made, False
        self.made += 1
        return True


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(st.tuples(st.sampled_from(["use", "current", "previous", "any"]), st.integers(0, 9)), max_size=12)
)
def test_rotation_follows_its_rules_whatever_comes(entry: TestClient, moves: list[tuple[str, int]]) -> None:
    oracle, pairs = Oracle(), [sign_up(entry).tokens]
    for move, number in moves:
        if move == "use":
            if not oracle.ended:
                assert Device(entry, pairs[oracle.current]).get("/me").status_code == 200
                oracle.used = True
            continue
        places = {"current": oracle.current, "previous": oracle.previous or 0, "any": number % len(pairs)}
        place = places[move]
        answer = refresh(entry, pairs[place]["refresh_token"])
        if oracle.takes(place):
            assert answer.status_code == 200
            pairs.append(answer.json())
        else:
            assert refused(answer)
    assert oracle.ended or refresh(entry, pairs[oracle.current]["refresh_token"]).status_code == 200


def test_signing_out_here_and_everywhere(entry: TestClient, vendor: UUID) -> None:
    first = sign_up(entry, email="person@example.org")
    second, third = signed_in(entry, "person@example.org"), signed_in(entry, "person@example.org")
    other = sign_up(entry)
    assert first.post("/auth/logout", {}).status_code == 204
    time.sleep(FORGOTTEN_SECONDS)
    assert first.get("/me").status_code == 401
    assert refused(first.refresh())
    assert second.get("/me").status_code == third.get("/me").status_code == 200
    assert second.post("/auth/logout", {"everywhere": True}).status_code == 204
    time.sleep(FORGOTTEN_SECONDS)
    assert {device.get("/me").status_code for device in (second, third)} == {401}
    assert refused(second.refresh())
    assert refused(third.refresh())
    assert other.get("/me").status_code == 200


def test_what_is_over_is_swept_at_the_next_sign_in(entry: TestClient, database: Database, clock: Clock) -> None:
    device = sign_up(entry, email="person@example.org")
    signed_in(entry, "person@example.org").refresh()
    device.post("/auth/logout", {})
    assert len(rows_of(database, SignInRow)) == 2
    signed_in(entry, "person@example.org")
    assert len(rows_of(database, SignInRow)) == 2
    clock.forward(days=60)
    kept = signed_in(entry, "person@example.org")
    assert len(rows_of(database, SignInRow)) == 1
    assert rows_of(database, SpentRefreshRow) == []
    kept.refresh()
    clock.forward(days=59)
    kept.refresh()
    clock.forward(days=59)
    kept.refresh()
    assert len(rows_of(database, SpentRefreshRow)) == 1, "a spent token is kept only while it could be used"
