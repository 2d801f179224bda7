"""Several servers at once: sessions are posted, links made and ended, both ways between two organisations."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from data import link_invitations, links, people, person_rows, shared_sessions, sharing
from data.database import Database, DatabaseUnavailable
from data.links import LinkOutcome
from data.session_logs import SessionLogRow
from data.session_writes import Outcome
from schemas.links import Consent
from schemas.people import PersonCreate
from tests.conftest import Tenant
from tests.data.making import NOW, log

ROUNDS = 4
TRIES = 5
EVERYTHING = Consent(
    sessions=True, progress=True, recommendations=True, covers_from=NOW - timedelta(days=1), wording="1"
)


@contextmanager
def servers(url: str, count: int) -> Iterator[list[Database]]:
    with ExitStack() as closing:
        opened = []
        for _ in range(count):
            server = Database(url)
            server.open()
            closing.callback(server.close)
            opened.append(server)
        yield opened


def person(database: Database, tenant: Tenant, name: str) -> UUID:
    added = database.bound_to(tenant.organization_id).write_now(people.add, PersonCreate(external_id=name), NOW)
    assert added.person is not None
    return added.person.id


def insist(unit: Callable[[], Any]) -> Any:
    """Do as a client does whose write was answered 503: send it again."""
    for _ in range(TRIES):
        try:
            return unit()
        except DatabaseUnavailable:
            continue
    raise AssertionError("the database never had time")


def link(database: Database, sender: Tenant, sending: UUID, clinic: Tenant, patient: UUID) -> UUID:
    code = link_invitations.new_code()
    at_clinic = database.bound_to(clinic.organization_id)
    assert insist(lambda: at_clinic.write_now(link_invitations.invite, patient, code, NOW))
    place = link_invitations.Clinic(clinic.organization_id, "clinic")
    digest = link_invitations.digest_of(code)
    doors = database.bound_to(sender.organization_id)
    written = insist(lambda: doors.write_now(links.accept, sending, digest, place, EVERYTHING, NOW))
    assert written.outcome in {LinkOutcome.CREATED, LinkOutcome.REPLAYED}
    return UUID(str(written.link.id))


def post(database: Database, tenant: Tenant, person_id: UUID) -> None:
    doors, made = database.bound_to(tenant.organization_id), log(person_id)
    written = insist(lambda: doors.write_now(sharing.add, made, person_id, NOW))
    assert written.outcome in {Outcome.CREATED, Outcome.REPLAYED}


def starts(session: Session, person_id: UUID) -> tuple[set[UUID | None], set[UUID]]:
    """Return what the person's copies are copies of, and the person's own sessions."""
    rows = session.exec(
        select(SessionLogRow).where(SessionLogRow.person_id == person_id, col(SessionLogRow.deleted_at).is_(None))
    ).all()
    return {row.source_id for row in rows if row.link_id}, {row.id for row in rows if not row.link_id}


def at_once(*workers: Callable[[], None]) -> None:
    failed: list[BaseException] = []

    def guarded(worker: Callable[[], None]) -> None:
        try:
            worker()
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []


def test_no_session_is_missed_and_none_is_left_behind(
    database_url: str, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    """Each organisation's person shares with the other's patient, so that the counters are taken in both orders."""
    sides: list[Any] = [(tenant, other_tenant), (other_tenant, tenant)]
    known = [
        (here, person(database, here, "sends"), there, person(database, there, "receives")) for here, there in sides
    ]
    standing: list[UUID | None] = [None, None]

    def posting(server: Database, side: int) -> None:
        here, sending, _, _ = known[side]
        for _ in range(ROUNDS * 2):
            post(server, here, sending)

    def linking(server: Database, side: int) -> None:
        here, sending, there, patient = known[side]
        for turn in range(ROUNDS):
            made = link(server, here, sending, there, patient)
            if turn < ROUNDS - 1:
                doors = server.bound_to(here.organization_id)
                insist(lambda doors=doors, made=made: doors.write_now(links.withdraw, sending, made, NOW))
            else:
                standing[side] = made

    with servers(database_url, 4) as opened:
        at_once(
            *(lambda side=side: posting(opened[side], side) for side in (0, 1)),
            *(lambda side=side: linking(opened[2 + side], side) for side in (0, 1)),
        )
    for side, (here, sending, there, patient) in enumerate(known):
        _, own = database.bound_to(here.organization_id).read_now(starts, sending)
        copies, _ = database.bound_to(there.organization_id).read_now(starts, patient)
        assert len(own) == ROUNDS * 2
        assert copies == own
        withdrawn = database.bound_to(here.organization_id).write_now(links.withdraw, sending, standing[side], NOW)
        assert withdrawn.outcome is LinkOutcome.CHANGED
        assert database.bound_to(there.organization_id).read_now(starts, patient) == (set(), set())


@pytest.mark.parametrize("erased", ["the person", "the patient"])
def test_an_erasure_ends_the_links_on_both_sides(
    database: Database, tenant: Tenant, other_tenant: Tenant, erased: str
) -> None:
    sending, patient = person(database, tenant, "sends"), person(database, other_tenant, "receives")
    post(database, tenant, sending)
    link(database, tenant, sending, other_tenant, patient)
    at_app, at_clinic = (database.bound_to(one.organization_id) for one in (tenant, other_tenant))
    assert len(at_clinic.read_now(starts, patient)[0]) == 1
    if erased == "the person":
        at_app.write_now(links.end_all, sending, NOW)
    else:
        at_clinic.write_now(links.end_all, patient, NOW)
    assert at_clinic.read_now(starts, patient) == (set(), set())
    assert at_clinic.read_now(shared_sessions.origins, patient) == []
    known = at_app.read_now(person_rows.known, sending)
    assert known is not None
    assert not known.linked
    post(database, tenant, sending)
    assert at_clinic.read_now(starts, patient) == (set(), set())
    assert len(at_app.read_now(starts, sending)[1]) == 2
