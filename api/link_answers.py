"""How what became of a link is answered, and what is checked of a consent by the clock."""

from datetime import datetime

from fastapi import Response

from api.link_problems import AlreadyLinked
from api.problems import IdConflict, InvalidRequest, NotFound, StaleVersion, VersionRequired
from api.replies import PRIVATE, entity
from data.links import LinkOutcome, LinkWritten
from data.versions import etag
from schemas.links import Consent


def checked(consent: Consent, now: datetime) -> Consent:
    """Return the consent. Raises InvalidRequest when it would begin later than now, or has ended before it began."""
    if consent.covers_from is not None and consent.covers_from > now:
        raise InvalidRequest.at("/consent/covers_from", "must not lie later than now")
    if consent.covers_from is None and consent.covers_until is not None and consent.covers_until <= now:
        raise InvalidRequest.at("/consent/covers_until", "must lie later than now, where it begins now")
    return consent


def answer_link(written: LinkWritten) -> Response:
    """Return the answer to a write of a link. Raises the problem that its outcome means."""
    link = written.link
    match written.outcome:
        case LinkOutcome.UNKNOWN_CODE:
            raise InvalidRequest.at("/code", "is unknown, used or expired; ask the clinic for another")
        case LinkOutcome.LINKED:
            raise AlreadyLinked("there is a link to this clinic: change it, or withdraw it first")
        case LinkOutcome.CONFLICT:
            raise IdConflict.at("/consent", "this code was accepted with another consent")
        case LinkOutcome.NOT_FOUND:
            raise NotFound("no such link, or it has ended")
        case LinkOutcome.UNVERSIONED:
            raise VersionRequired.at("If-Match", "send the ETag of the version that you saw")
    if link is None:
        return Response(status_code=204, headers=PRIVATE)
    if written.outcome is LinkOutcome.STALE:
        raise StaleVersion("it was changed meanwhile", current=link, headers={"ETag": etag(link.version)})
    if written.outcome is LinkOutcome.CREATED:
        return entity(link, status=201, etag=etag(link.version), location=f"/me/links/{link.id}")
    return entity(link, etag=etag(link.version))
