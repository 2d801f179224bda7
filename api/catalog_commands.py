"""The commands of editors: check the catalogue, and record that somebody has reviewed an exercise."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from api.rules.properties import all_properties
from data.catalog.quality import Examination, examine
from data.catalog.reviews import Review, ReviewRefused, record

CATALOG: Final = Path(__file__).parent.parent / "data" / "catalog"

catalog = typer.Typer(no_args_is_help=True, help="The catalogue's files, for editors.")
Folder = Annotated[Path, typer.Option(help="The folder of the catalogue.")]


@catalog.command("check")
def check(folder: Folder = CATALOG) -> None:
    """Say all that is wrong with the files, each with its line; ends with 1 when anything is."""
    examination = examine(folder, all_properties)
    _require_sound(examination)
    typer.echo(f"{len(examination.exercises)} exercises, no findings")


@catalog.command("review")
def review(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="The exercises that were read.")],
    by: Annotated[str, typer.Option(help="Name of the clinician who read the whole file of each.")],
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day of the review.")],
    folder: Folder = CATALOG,
) -> None:
    """Write a review into the files of exercises without findings: all of them or none."""
    examination = examine(folder, all_properties)
    if not examination.readable:
        typer.echo("limber: the catalogue cannot be read, so nothing can be reviewed", err=True)
        _require_sound(examination)
    today = datetime.now().astimezone().date()
    try:
        written = record(examination.exercises, examination.faulty(), ids, Review(by, on.date()), today)
    except ReviewRefused as refused:
        for reason in refused.reasons:
            typer.echo(f"limber: {reason}", err=True)
        raise typer.Exit(1) from None
    for line in written:
        typer.echo(line)


def _require_sound(examination: Examination) -> None:
    if not examination.findings:
        return
    for finding in examination.findings:
        typer.echo(str(finding))
    count = len(examination.findings)
    typer.echo(f"{len(examination.exercises)} exercises, {count} finding{'s' if count > 1 else ''}")
    raise typer.Exit(1)
