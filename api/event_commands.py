"""The command that lists adverse events: what hurt, by exercise, without a word about who it was."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from api.command_line import fail, opened, require_current
from api.settings import Settings
from data import access, adverse_events
from data.adverse_events import EventCount


def events_command(
    organization: Annotated[str | None, typer.Option(help="Name of one organisation; all without it.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what happened on this day (UTC) or later.")
    ] = None,
) -> None:
    """List the exercises that hurt somebody, those of most people first: one a line."""
    begin = None if since is None else since.replace(tzinfo=UTC)
    with opened(Settings()) as database:
        require_current(database)
        doors = database.system
        if organization is not None:
            organization_id = database.system.read_now(access.organization, organization)
            if organization_id is None:
                fail(f"there is no organisation {organization}")
            doors = database.bound_to(organization_id)
        for count in doors.read_now(adverse_events.by_exercise, begin):
            typer.echo(_line(count))


def _line(count: EventCount) -> str:
    when = f"{count.first:%Y-%m-%d} to {count.last:%Y-%m-%d}" if count.first and count.last else ""
    conditions = ", ".join(f"{key} {many}" for key, many in sorted(count.conditions.items())) or "no conditions told"
    releases = " ".join(sorted(release[:12] for release in count.releases))
    whose = "" if count.organization_id is None else f" of {count.organization_id}"
    return (
        f"{count.exercise_id}{whose}: events {count.events}, people {len(count.people)}, {when}, "
        f"{conditions}, release {releases}"
    )
