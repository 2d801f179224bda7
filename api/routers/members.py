"""The room of `/organization/members`: who works for the organisation, and as what."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import id_pages
from api.access_problems import EmailTaken, LastOwner
from api.dependencies import AccessManager
from api.problems import BODIED, KEYED, Busy, NotFound, ResyncRequired, declared
from api.replies import PRIVATE, entity
from api.routing import StrictRoute
from api.security import refuse_lacking
from data import members
from data.accounts import AccountOutcome
from data.members import MemberWritten
from schemas.access import ROLE_SCOPES
from schemas.base import PageQuery
from schemas.organizations import InvitedMember, Member, MemberInvite, MemberPage, MemberUpdate

router = APIRouter(tags=["access"], route_class=StrictRoute)


@router.get(
    "/organization/members",
    operation_id="listMembers",
    summary="List the organisation's members",
    response_model=MemberPage,
    responses=declared(*KEYED, ResyncRequired),
)
async def list_members(query: Annotated[PageQuery, Query()], request: Request, caller: AccessManager) -> Response:
    """Walk the members in the order of their ids; follow `next` until it is null."""
    found = await caller.read(members.page, query, id_pages.start(MemberPage, query, request))
    return id_pages.answer(MemberPage, found, query, request)


@router.post(
    "/organization/members",
    operation_id="inviteMember",
    summary="Invite a member by e-mail",
    status_code=201,
    response_model=InvitedMember,
    responses=declared(*KEYED, *BODIED, Busy, EmailTaken),
)
async def invite_member(body: MemberInvite, request: Request, caller: AccessManager) -> Response:
    """Return the member and the invitation, shown once. Nothing is mailed: bring it by a way you trust.

    Inviting again, before it is accepted, ends the earlier invitation. Nobody invites to a role that may do more than
    they may themselves.
    """
    caller.require_all(ROLE_SCOPES[body.role])
    now: datetime = request.app.state.clock()
    invitation = members.new_invitation(now)
    written = await caller.write(members.invite, body, invitation, now)
    if written.member is None:
        raise EmailTaken.at("/email", "there is an account with this e-mail")
    answer = InvitedMember(
        member=written.member, invitation_token=invitation.token, invitation_expires_at=invitation.expires_at
    )
    return entity(answer, status=201)


@router.patch(
    "/organization/members/{member_id:uuid}",
    operation_id="updateMember",
    summary="Give a member another role",
    response_model=Member,
    responses=declared(*KEYED, *BODIED, Busy, NotFound, LastOwner),
)
async def update_member(member_id: UUID, body: MemberUpdate, request: Request, caller: AccessManager) -> Response:
    """Change the role, which holds within a second. The last owner keeps theirs."""
    now: datetime = request.app.state.clock()
    return entity(_done(await caller.write(members.set_role, member_id, body.role, caller.scopes, now)))


@router.delete(
    "/organization/members/{member_id:uuid}",
    operation_id="deleteMember",
    summary="Take a member out",
    status_code=204,
    response_class=Response,
    responses=declared(*KEYED, Busy, NotFound, LastOwner),
)
async def delete_member(member_id: UUID, caller: AccessManager) -> Response:
    """Delete the member's account and sign all their devices out. The last owner stays."""
    _done(await caller.write(members.remove, member_id, caller.scopes))
    return Response(status_code=204, headers=PRIVATE)


def _done(written: MemberWritten) -> Member:
    refuse_lacking(written.lacking)
    if written.outcome is AccountOutcome.LAST_OWNER:
        raise LastOwner("make somebody else an owner first")
    if written.member is None:
        raise NotFound("no such member")
    return written.member
