"""The commands that exchange exercises, run as people run them, and a made-up file of another database."""

import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import CliRunner, Result

from api.__main__ import cli
from tests.interop.making import record

FREE = "free-exercise-db"
RECORDS = [
    record("Made_Up_Hip_Hold", primaryMuscles=["abductors"]),
    record("Made_Up_Roll", equipment="foam roll", primaryMuscles=["abductors"]),
    record("Made_Up_Leg_Curl", category="strength", force="pull", equipment="exercise ball"),
    record("Made_Up_Squat", category="powerlifting", force="push", equipment="trampoline"),
    record("Made_Up_Row", category="strength", force="pull", equipment="trampoline"),
    record("Made_Up_Mystery", instructions=[]),
]

Run = Callable[..., Result]


def commands_on(database_url: str) -> Run:
    def invoke(*arguments: str | Path) -> Result:
        return CliRunner().invoke(cli, [str(each) for each in arguments], env={"LIMBER_DATABASE_URL": database_url})

    return invoke


def write_records(folder: Path) -> Path:
    path = folder / "exercises.json"
    path.write_text(json.dumps(RECORDS))
    return path


def brought(run: Run, file: Path, format_: str, *more: str, organization: str = "clinic") -> Result:
    return run("import", file, "--format", format_, "--organization", organization, *more)
