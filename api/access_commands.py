"""The commands for organisations and their API keys."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer
from pydantic import TypeAdapter, ValidationError

from api.command_line import fail, opened, require_current
from api.passwords import Passwords
from api.settings import Settings
from data import access, api_keys, members
from data.database import Database, Doors
from schemas.access import Scope
from schemas.accounts import EmailAddress, NewPassword
from schemas.base import PageQuery
from schemas.organizations import ApiKey

organizations = typer.Typer(no_args_is_help=True, help="Organisations: app vendors and clinics.")
keys = typer.Typer(no_args_is_help=True, help="API keys of organisations.")

OrganizationName = Annotated[str, typer.Option("--organization", help="Name of the organisation.")]
KeyId = Annotated[UUID, typer.Argument(metavar="KEY", help="The id of the key, as `keys list` shows it.")]


@organizations.callback()
def _only_a_group() -> None:
    """Organisations: app vendors and clinics."""


@organizations.command("add")
def add_organization(
    name: Annotated[str, typer.Argument(help="A name that is not taken yet.")],
    open_sign_up: Annotated[
        bool, typer.Option("--open-sign-up", help="Let strangers sign up as people of it.")
    ] = False,
    owner_email: Annotated[str | None, typer.Option(help="An owner, whose password stands on standard input.")] = None,
) -> None:
    """Make an organisation and print its id; with an owner, who can sign in at once."""
    owner = None if owner_email is None else (_checked(EmailAddress, owner_email, "e-mail"), _password())
    now = datetime.now(UTC)
    with opened(Settings()) as database:
        require_current(database)
        if database.system.read_now(access.organization, name) is not None:
            fail(f"there is an organisation {name} already")
        made = database.system.write_now(access.add_organization, name, now, open_sign_up=open_sign_up)
        if owner is not None:
            email, password_hash = owner
            database.bound_to(made.id).write_now(members.add_owner, email, password_hash, now)
    typer.echo(made.id)


@keys.command("create")
def create_key(
    organization: Annotated[str, typer.Option(help="Name of the organisation; made when new.")],
    scope: Annotated[list[Scope], typer.Option(help="What the key may do; repeat for more.")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "command line",
) -> None:
    """Make a key and print nothing but it; it is shown this once."""
    with opened(Settings()) as database:
        require_current(database)
        _, secret = database.system.write_now(access.add_key, organization, scope, datetime.now(UTC), name)
        typer.echo(secret)


@keys.command("list")
def list_keys(organization: OrganizationName) -> None:
    """Print the keys, one a line: id, how the secret begins, state, last use, name and scopes."""
    now = datetime.now(UTC)
    with opened(Settings()) as database:
        doors, after = _doors(database, organization), None
        while found := doors.read_now(api_keys.page, PageQuery(limit=200), after):
            for key in found[:200]:
                typer.echo(_line(key, now))
            after = found[:200][-1].id


@keys.command("rotate")
def rotate_key(
    key: KeyId,
    organization: OrganizationName,
    overlap_hours: Annotated[int, typer.Option(min=0, max=168, help="How long the old secret still works.")] = 24,
) -> None:
    """Replace a key by one with the same name and scopes, and print nothing but its secret."""
    overlap, now = timedelta(hours=overlap_hours), datetime.now(UTC)
    with opened(Settings()) as database:
        doors = _doors(database, organization)
        rotated = doors.write_now(api_keys.rotate, key, overlap, frozenset(Scope), now)
    if rotated.made is None:
        fail(f"{organization} has no key {key}, or it is over")
    typer.echo(rotated.made.secret)


@keys.command("revoke")
def revoke_key(key: KeyId, organization: OrganizationName) -> None:
    """Refuse a key for good; running servers do so within a second."""
    with opened(Settings()) as database:
        revoked = _doors(database, organization).write_now(api_keys.revoke, key, datetime.now(UTC))
    if not revoked:
        fail(f"{organization} has no key {key}")


def _doors(database: Database, organization: str) -> Doors:
    require_current(database)
    organization_id = database.system.read_now(access.organization, organization)
    if organization_id is None:
        fail(f"there is no organisation {organization}")
    return database.bound_to(organization_id)


def _password() -> str:
    # Standard input, because arguments stand in the list of processes for everybody to read.
    password = _checked(NewPassword, sys.stdin.readline().rstrip("\r\n"), "password on standard input")
    return Passwords().hash_now(password)


def _checked(kind: Any, value: str, noun: str) -> str:
    try:
        checked: str = TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        fail(f"the {noun}: {error.errors(include_input=False)[0]['msg'].removeprefix('Value error, ')}")
    return checked


def _line(key: ApiKey, now: datetime) -> str:
    over = key.expires_at is not None and key.expires_at <= now
    state = "revoked" if key.revoked_at is not None else "expired" if over else "valid"
    used = f"used {key.last_used_on:%Y-%m-%d %H:00}" if key.last_used_on is not None else "never used"
    return f"{key.id}  {key.prefix or '-':11}  {state:7}  {used:21}  {key.name}: {' '.join(key.scopes)}"
