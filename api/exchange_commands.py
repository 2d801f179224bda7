"""The commands that take an organisation's own exercises from a file and write them into one."""

import stat
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from api.command_line import fail, opened, require_current
from api.interop import comma_separated, free_exercise_db, limber
from api.interop.parsed import Fault, FileRefused, Found, LeftOut, Parsed
from api.own_checks import stamped
from api.rules.properties import all_properties
from api.settings import Settings
from data import access, own_exercises, releases
from data.catalog import import_tables
from data.catalog.checks import Index, own_findings
from data.catalog.documents import dump
from data.database import Database, Doors
from data.own_exercises import MOST, Imported, OwnCatalog
from data.releases import Release
from schemas.exercises import ExerciseDefinition

MOST_BYTES: Final = 32 * 1024 * 1024
MOST_RECORDS: Final = 10 * MOST
"""So many records a foreign file may hold, for most of them may be left out."""
MOST_SHOWN: Final = 100
EXAMPLES: Final = 3


class ExportFormat(StrEnum):
    """A format that exercises are written in."""

    LIMBER = "limber"
    CSV = "csv"


class ImportFormat(StrEnum):
    """A format that exercises are read from."""

    LIMBER = "limber"
    FREE_EXERCISE_DB = "free-exercise-db"
    CSV = "csv"


Organization = Annotated[str, typer.Option(help="Name of the organisation.")]


def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to read, at most 32 MiB.")],
    format_: Annotated[ImportFormat, typer.Option("--format", help="What the file is.")],
    organization: Organization,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report the same, store nothing.")] = False,
) -> None:
    """Take exercises of an organisation from a file: all of them or none. The same file again changes nothing."""
    parsed = _parsed(file, format_)
    with opened(Settings()) as database:
        doors = _doors(database, organization)
        release = database.system.read_now(releases.read)
        if release is None:
            fail("the database has no catalogue; load it with `python -m api load-catalog`")
        own = doors.read_now(own_exercises.read)
        parsed = _checked(parsed, format_, release, own)
        if parsed.faults:
            _refuse(file, parsed.faults)
        definitions = [stamped(found.definition) for found in parsed.found]
        if dry_run:
            imported = _foreseen(own, definitions)
        else:
            imported = doors.write_now(own_exercises.put_all, definitions, datetime.now(UTC))
    if imported is None:
        fail(f"{file}: nothing is stored: an organisation may have at most {MOST} exercises of its own")
    for line in _report(parsed, imported):
        typer.echo(line)
    if dry_run:
        typer.echo("limber: dry run, nothing is stored", err=True)


def export_command(
    format_: Annotated[ExportFormat, typer.Option("--format", help="What to write.")],
    organization: Organization,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Where to; standard output when not given.")
    ] = None,
) -> None:
    """Write all exercises that an organisation has of its own; retired ones are left out."""
    with opened(Settings()) as database:
        exercises = _doors(database, organization).read_now(own_exercises.read).exercises.values()
    content = comma_separated.write(exercises) if format_ is ExportFormat.CSV else limber.write(exercises)
    if file is None:
        typer.echo(content, nl=False)
        return
    try:
        file.write_bytes(content)
    except OSError as error:
        fail(f"{file}: it cannot be written: {error.strerror}")


def _doors(database: Database, organization: str) -> Doors:
    require_current(database)
    organization_id = database.system.read_now(access.organization, organization)
    if organization_id is None:
        fail(f"there is no organisation {organization}; make it with `keys create`")
    return database.bound_to(organization_id)


def _parsed(file: Path, format_: ImportFormat) -> Parsed:
    try:
        content = _content(file)
        if format_ is ImportFormat.CSV:
            return comma_separated.read(content, MOST)
        if format_ is ImportFormat.LIMBER:
            return limber.read(content, MOST)
        return free_exercise_db.read(content, import_tables.read(), MOST_RECORDS)
    except FileRefused as refused:
        fail(f"{file}: {refused}; nothing is stored")


def _content(file: Path) -> bytes:
    try:
        state = file.stat()
        if stat.S_ISDIR(state.st_mode):
            raise FileRefused("it is a folder")
        if not stat.S_ISREG(state.st_mode):
            raise FileRefused("it is not a plain file")
        if state.st_size > MOST_BYTES:
            raise FileRefused(f"it has {state.st_size} bytes, at most {MOST_BYTES} are read")
        with file.open("rb") as source:
            return source.read(MOST_BYTES)
    except OSError as error:
        raise FileRefused(f"it cannot be read: {error.strerror}") from None


def _checked(parsed: Parsed, format_: ImportFormat, release: Release, own: OwnCatalog) -> Parsed:
    """Return what was read with the catalogue's findings: as faults, or as reasons to leave out records of others."""
    # Variants may name each other, whether they are shared, there already, or in the same file.
    beside = {found.definition.id: found.definition for found in parsed.found}
    catalog = replace(release.catalog, exercises={**release.catalog.exercises, **own.exercises, **beside})
    index = Index(releases.documents_of(replace(release, catalog=catalog)), all_properties)
    found: list[Found] = []
    faults = list(parsed.faults)
    left_out = list(parsed.left_out)
    with _shown_progress(parsed.found) as waiting:
        for item in waiting:
            findings = own_findings(item.definition, index)
            if not findings:
                found.append(item)
            elif format_ is ImportFormat.FREE_EXERCISE_DB:
                left_out.append(LeftOut(item.place, item.definition.id, f"unknown to this catalogue: {findings[0]}"))
            else:
                parted = (finding.partition(": ") for finding in findings)
                faults += [Fault(item.place, name, detail) for name, _, detail in parted]
    return Parsed(tuple(found), tuple(faults), tuple(left_out))


@contextmanager
def _shown_progress(found: Sequence[Found]) -> Iterator[Iterable[Found]]:
    if not sys.stderr.isatty():
        yield found
        return
    with typer.progressbar(found, label="checking", file=sys.stderr) as shown:
        yield shown


def _foreseen(own: OwnCatalog, definitions: Sequence[ExerciseDefinition]) -> Imported | None:
    """Return what storing the exercises would count."""
    known = {entry.id for entry in own.entries}
    fresh = [item for item in definitions if item.id not in known]
    same = [item for item in definitions if item.id in own.exercises and dump(own.exercises[item.id]) == dump(item)]
    if len(own.exercises) + len(fresh) > MOST:
        return None
    return Imported(len(fresh), len(definitions) - len(fresh) - len(same), len(same))


def _refuse(file: Path, faults: Sequence[Fault]) -> None:
    for fault in faults[:MOST_SHOWN]:
        typer.echo(f"{file}: {fault}", err=True)
    count = f"{len(faults)} problem{'s' if len(faults) > 1 else ''}"
    cut = f", the first {MOST_SHOWN} are shown" if len(faults) > MOST_SHOWN else ""
    fail(f"{file}: {count}{cut}; nothing is stored")


def _report(parsed: Parsed, imported: Imported) -> Iterator[str]:
    yield f"records: {parsed.records}"
    counts = f"{imported.added} added, {imported.changed} changed, {imported.unchanged} unchanged"
    yield f"imported: {len(parsed.found)} ({counts})"
    kinds = Counter(found.definition.kind.value for found in parsed.found)
    yield from (f"  {count:5} {kind}" for kind, count in sorted(kinds.items()))
    yield f"refused: {len(parsed.left_out)}"
    reasons: dict[str, list[LeftOut]] = {}
    for item in parsed.left_out:
        reasons.setdefault(item.reason, []).append(item)
    for reason, items in sorted(reasons.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        such = ", ".join(f"{item.record} in {item.place}" for item in items[:EXAMPLES])
        yield f"  {len(items):5} {reason} [{such}{', ...' if len(items) > EXAMPLES else ''}]"
