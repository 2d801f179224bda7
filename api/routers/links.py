"""The room of `/me/links`: a person shares with clinics what they consent to, and takes it back."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import entrance, id_pages
from api.dependencies import IfMatch, PeopleReader, PeopleWriter, PersonCaller
from api.link_answers import answer_link, checked
from api.link_problems import AlreadyLinked
from api.problems import (
    BODIED,
    KEYED,
    Busy,
    IdConflict,
    NotFound,
    ResyncRequired,
    StaleVersion,
    VersionRequired,
    declared,
)
from api.replies import entity, named_versions
from api.routing import StrictRoute
from data import consents, link_invitations, links, people, shared_sessions
from data.versions import etag
from schemas.base import PageQuery
from schemas.links import (
    ConsentRecordPage,
    IncomingLinkPage,
    Link,
    LinkCreate,
    LinkInvitation,
    LinkPage,
    LinkUpdate,
)

router = APIRouter(tags=["links"], route_class=StrictRoute)


@router.post(
    "/people/{person_id:uuid}/link-invitations",
    operation_id="createLinkInvitation",
    summary="Make a code by which one of your people links their app",
    status_code=201,
    response_model=LinkInvitation,
    responses=declared(*KEYED, Busy, NotFound),
)
async def create_link_invitation(person_id: UUID, request: Request, caller: PeopleWriter) -> Response:
    """Return a code, shown once, good for one link within seven days. It ends the one before: hand it over yourself."""
    now: datetime = request.app.state.clock()
    code = link_invitations.new_code()
    expires_at = await caller.write(link_invitations.invite, person_id, code, now)
    if expires_at is None:
        raise NotFound("no such person")
    return entity(LinkInvitation(code=code, expires_at=expires_at), status=201)


@router.get(
    "/people/{person_id:uuid}/links",
    operation_id="listIncomingLinks",
    summary="List the links that one of your people made to you",
    response_model=IncomingLinkPage,
    responses=declared(*KEYED, NotFound, ResyncRequired),
)
async def list_incoming_links(
    person_id: UUID, query: Annotated[PageQuery, Query()], request: Request, caller: PeopleReader
) -> Response:
    """Tell what each link covers. What it brings stands among the person's sessions, marked by `link_id`."""
    after = id_pages.start(IncomingLinkPage, query, request)
    if await caller.read(people.find, person_id) is None:
        raise NotFound("no such person")
    found = await caller.read(shared_sessions.page, person_id, query, after)
    return id_pages.answer(IncomingLinkPage, found, query, request)


@router.post(
    "/me/links",
    operation_id="createLink",
    summary="Link to a clinic by its code, and say what you share",
    status_code=201,
    response_model=Link,
    responses=declared(*KEYED, *BODIED, Busy, IdConflict, AlreadyLinked, replay=Link),
)
async def create_link(body: LinkCreate, request: Request, caller: PersonCaller) -> Response:
    """Share what the consent covers, at once and from now on. The same code and consent again answers 200."""
    now: datetime = request.app.state.clock()
    consent, code = checked(body.consent, now), link_invitations.digest_of(body.code)
    clinic = await entrance.clinic_inviting(request, code, now)
    return answer_link(await caller.write(links.accept, caller.own_person(), code, clinic, consent, now))


@router.get(
    "/me/links",
    operation_id="listLinks",
    summary="List your links, those that ended too",
    response_model=LinkPage,
    responses=declared(*KEYED, ResyncRequired),
)
async def list_links(query: Annotated[PageQuery, Query()], request: Request, caller: PersonCaller) -> Response:
    """Walk the links in the order in which they were made."""
    after = id_pages.start(LinkPage, query, request)
    return id_pages.answer(
        LinkPage, await caller.read(consents.page, caller.own_person(), query, after), query, request
    )


@router.get(
    "/me/links/{link_id:uuid}",
    operation_id="getLink",
    summary="Read one of your links",
    response_model=Link,
    responses=declared(*KEYED, NotFound),
)
async def get_link(link_id: UUID, caller: PersonCaller) -> Response:
    """Return the link with its ETag, which a change must name."""
    link = await caller.read(consents.find, caller.own_person(), link_id)
    if link is None:
        raise NotFound("no such link")
    return entity(link, etag=etag(link.version))


@router.patch(
    "/me/links/{link_id:uuid}",
    operation_id="updateLink",
    summary="Change what a link shares",
    response_model=Link,
    responses=declared(*KEYED, *BODIED, Busy, NotFound, StaleVersion, VersionRequired),
)
async def update_link(
    link_id: UUID, body: LinkUpdate, request: Request, caller: PersonCaller, if_match: IfMatch = None
) -> Response:
    """Let another consent govern the link: what it does not cover any more is gone at the clinic at once."""
    now: datetime = request.app.state.clock()
    consent, versions = checked(body.consent, now), named_versions(if_match)
    return answer_link(await caller.write(links.change, caller.own_person(), link_id, versions, consent, now))


@router.delete(
    "/me/links/{link_id:uuid}",
    operation_id="deleteLink",
    summary="Withdraw your consent",
    status_code=204,
    response_class=Response,
    responses=declared(*KEYED, Busy, NotFound),
)
async def delete_link(link_id: UUID, request: Request, caller: PersonCaller) -> Response:
    """End the link. Everything that it brought is gone at the clinic at once; withdrawing again answers 204."""
    now: datetime = request.app.state.clock()
    return answer_link(await caller.write(links.withdraw, caller.own_person(), link_id, now))


@router.get(
    "/me/consents",
    operation_id="listConsents",
    summary="List what you consented to, and when",
    response_model=ConsentRecordPage,
    responses=declared(*KEYED, ResyncRequired),
)
async def list_consents(query: Annotated[PageQuery, Query()], request: Request, caller: PersonCaller) -> Response:
    """Walk the record, which is only ever added to, oldest first."""
    after = id_pages.start(ConsentRecordPage, query, request)
    found = await caller.read(consents.record_page, caller.own_person(), query, after)
    return id_pages.answer(ConsentRecordPage, found, query, request)
