"""Linking a person to a clinic, changing what is shared, and taking it back: each in one transaction on both sides.

These units stand in the person's own organisation. They take its counter of changes first, so that no session of the
person is posted meanwhile.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session, select
from uuid_utils.compat import uuid7

from data import audit, consents, link_invitations, person_rows, session_changes, shared_sessions, sharing
from data.consents import PersonLinkRow
from data.crossing import across
from data.link_invitations import Clinic
from data.shared_sessions import LINK
from data.tenancy import tenant_of
from data.versions import Mismatch, mismatch
from schemas.audit import AuditAction
from schemas.links import Consent, ConsentAct, Link


class LinkOutcome(StrEnum):
    """What became of a write to a link."""

    CREATED = "created"
    REPLAYED = "replayed"
    CHANGED = "changed"
    CONFLICT = "conflict"
    LINKED = "linked"
    UNKNOWN_CODE = "unknown_code"
    STALE = "stale"
    UNVERSIONED = "unversioned"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class LinkWritten:
    """The outcome, and the link as it now stands where there is one."""

    outcome: LinkOutcome
    link: Link | None = None


def accept(
    session: Session, person_id: UUID, code: bytes, clinic: Clinic | None, consent: Consent, now: datetime
) -> LinkWritten:
    """Link the person to whom the code stands for, and share what the consent covers.

    The same code and consent again, by the same person, is replayed. `clinic` is the one that the code leads to.
    """
    session_changes.take(session)
    asked = hashlib.sha256(consent.model_dump_json().encode()).digest()
    known = session.exec(
        select(PersonLinkRow).where(PersonLinkRow.code_digest == code, PersonLinkRow.person_id == person_id)
    ).one_or_none()
    if known is not None:
        outcome = LinkOutcome.REPLAYED if known.body_digest == asked else LinkOutcome.CONFLICT
        return LinkWritten(outcome, consents.shaped(session, [known])[0])
    if clinic is None or clinic.id == tenant_of(session):
        return LinkWritten(LinkOutcome.UNKNOWN_CODE)
    if any(sharing_.clinic_id == clinic.id for sharing_ in consents.standing(session, person_id)):
        return LinkWritten(LinkOutcome.LINKED)
    with across(session, clinic.id) as there:
        clinic_person_id = link_invitations.claim(there, code, now)
    if clinic_person_id is None:
        return LinkWritten(LinkOutcome.UNKNOWN_CODE)
    row = PersonLinkRow(
        organization_id=tenant_of(session),
        id=uuid7(),
        person_id=person_id,
        clinic_id=clinic.id,
        clinic_name=clinic.name,
        clinic_person_id=clinic_person_id,
        code_digest=code,
        body_digest=asked,
        version=1,
        created_at=now,
    )
    session.add(row)
    person_rows.set_linked(session, person_id, linked=True)
    return _governed(session, row, ConsentAct.GIVEN, consent, LinkOutcome.CREATED, now)


def change(
    session: Session, person_id: UUID, link_id: UUID, versions: frozenset[str], consent: Consent, now: datetime
) -> LinkWritten:
    """Let another consent govern a link at one of `versions`; what it does not cover any more is taken back."""
    session_changes.take(session)
    found = consents.one(session, person_id, link_id)
    if found is None:
        return LinkWritten(LinkOutcome.NOT_FOUND)
    row, _ = found
    present = consents.shaped(session, [row])[0]
    match mismatch(row.version, versions):
        case Mismatch.UNNAMED:
            return LinkWritten(LinkOutcome.UNVERSIONED, present)
        case Mismatch.STALE:
            return LinkWritten(LinkOutcome.STALE, present)
    row.version += 1
    return _governed(session, row, ConsentAct.CHANGED, consent, LinkOutcome.CHANGED, now)


def withdraw(session: Session, person_id: UUID, link_id: UUID, now: datetime) -> LinkWritten:
    """End a link of the person, and take back everything that it brought. One that has ended stays so."""
    session_changes.take(session)
    if _end(session, person_id, link_id, ConsentAct.WITHDRAWN, now):
        return LinkWritten(LinkOutcome.CHANGED)
    known = consents.find(session, person_id, link_id)
    return LinkWritten(LinkOutcome.NOT_FOUND if known is None else LinkOutcome.REPLAYED)


def end_all(session: Session, person_id: UUID, now: datetime) -> None:
    """End every link from and to a person who is about to be erased; for units of the person's organisation."""
    session_changes.take(session)
    for sharing_ in consents.standing(session, person_id):
        _end(session, person_id, sharing_.link_id, ConsentAct.ENDED, now)
    for organization_id, origin_person_id, link_id in shared_sessions.origins(session, person_id):
        with across(session, organization_id) as there:
            session_changes.take(there)
            _end(there, origin_person_id, link_id, ConsentAct.ENDED, now)


def _governed(
    session: Session, row: PersonLinkRow, act: ConsentAct, consent: Consent, outcome: LinkOutcome, now: datetime
) -> LinkWritten:
    since = consent.model_copy(update={"covers_from": consent.covers_from or now})
    consents.record(session, row, act, since, now)
    audit.note(session, AuditAction.WRITE, LINK, [row.person_id])
    found = consents.one(session, row.person_id, row.id)
    if found is not None:
        sharing.share(session, found[1], now)
    return LinkWritten(outcome, consents.shaped(session, [row])[0])


def _end(session: Session, person_id: UUID, link_id: UUID, act: ConsentAct, now: datetime) -> bool:
    found = consents.one(session, person_id, link_id)
    if found is None:
        return False
    row, shared = found
    sharing.withdraw(session, shared, now)
    row.version, row.withdrawn_at, row.clinic_person_id = row.version + 1, now, None
    consents.record(session, row, act, None, now)
    audit.note(session, AuditAction.WRITE, LINK, [person_id])
    person_rows.set_linked(session, person_id, linked=bool(consents.standing(session, person_id)))
    return True
