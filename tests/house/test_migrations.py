"""The migrations: one line of them, true to the tables, and data comes through up, down and up on both databases."""

import ast
import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, Row, create_engine, inspect, select

from api.access_examples import ISSUER
from api.examples import OWN_EXERCISE, SCORE, SESSION
from data import (
    access,
    accounts,
    adverse_events,
    attention,
    audit,
    consents,
    daily_progress,
    erased_sessions,
    erasures,
    function_scores,
    holds,
    issuers,
    link_invitations,
    links,
    overrides,
    own_exercises,
    people,
    person_records,
    person_rows,
    program_writes,
    programs,
    recommendations,
    releases,
    session_changes,
    session_entries,
    session_logs,
    session_writes,
    shared_progress,
    shared_sessions,
    sign_ins,
)
from data.database import Database, Doors, normalised
from data.migrations.run import FOLDER, downgrade, migrate
from data.migrations.state import HEAD, current, is_current
from data.table import Table
from schemas.access import Scope
from schemas.exercises import ExerciseDefinition
from schemas.function_scores import FunctionScoreCreate
from schemas.links import Consent
from schemas.organizations import TrustedIssuerCreate
from schemas.overrides import OverrideCreate
from schemas.people import PersonCreate
from schemas.programs import ProgramCreate, ProgramMaker, ProgramPlan, ProgramState, ProgramUpdate
from schemas.session_logs import SessionLogCreate
from schemas.told import Telling
from schemas.vocabulary import Disposition
from tests.soak import scaled

DATA = FOLDER.parent
ROOMS = (
    access, accounts, adverse_events, attention, audit, consents, daily_progress, erased_sessions, erasures,
    function_scores, holds, issuers, link_invitations, overrides, own_exercises, person_rows, programs,
    recommendations, releases, session_changes, session_entries, session_logs, shared_progress, shared_sessions,
    sign_ins,
)  # fmt: skip
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
ANSWER = b'{"understood": {"conditions": []}, "release": {"catalog": "1", "ruleset": "1"}, "exercises": []}'
LATER = "2026-12-22T08:00:00Z"
ACTIVITIES = [str(UUID(int=number)) for number in (1, 2, 3)]
BASE = "base"
VERSION = "alembic_version"
SESSIONS = scaled(5, 5_000)

Rows = dict[str, Sequence[Row[Any]]]


def scripts() -> ScriptDirectory:
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(made)


def revisions() -> list[str]:
    return [script.revision for script in scripts().walk_revisions()]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine without the doors: the walls between tenants would refuse to look at every row."""
    made = create_engine(normalised(database_url))
    yield made
    made.dispose()


@pytest.fixture
def filled(database_url: str) -> str:
    """The address of a database with two organisations, their people, sessions and figures, and the catalogue."""
    database = Database(database_url)
    database.open()
    known: list[tuple[UUID, UUID]] = []
    for name in ("clinic", "app"):
        organization_id, _ = database.system.write_now(access.add_key, name, list(Scope), NOW)
        doors = database.bound_to(organization_id)
        added = doors.write_now(people.add, PersonCreate(external_id=f"{name}-1"), NOW)
        assert added.person is not None
        person_id = added.person.id
        exercise = {"exercise_id": "childs-pose", "conditions": ["osteoporosis"], "reason": "examined"}
        override = OverrideCreate.model_validate({**exercise, "until": LATER})
        assert doors.write_now(overrides.add, person_id, override, NOW).override is not None
        answered = recommendations.Answered(uuid5(person_id, name), Disposition.URGENT, ["rf03"], ANSWER, Telling())
        doors.write_now(recommendations.keep, person_id, answered, holds.Change.PLACE, NOW)
        gone = doors.write_now(people.add, PersonCreate(external_id=f"{name}-2"), NOW).person
        assert gone is not None
        lost = SessionLogCreate.model_validate({**SESSION, "id": str(UUID(int=99)), "person_id": str(gone.id)})
        doors.write_now(session_writes.add, lost, gone.id, NOW)
        assert doors.write_now(person_records.erase, gone.id, NOW) is not None
        own = ExerciseDefinition.model_validate(OWN_EXERCISE)
        doors.write_now(own_exercises.add, own, NOW)
        fill_access(doors)
        fill_program(doors, person_id)
        for number in range(SESSIONS):
            log = {**SESSION, "id": str(UUID(int=number + 1)), "person_id": str(person_id), "notes": "café \N{CAT}"}
            log["exercises"] = [{**SESSION["exercises"][0], "hurt": number == 0}]
            log["timezone"] = ("Europe/Madrid", "Europe/London", "Asia/Kathmandu")[number % 3]
            log["started_at"] = f"2026-11-22T07:{number % 3:02}:00Z"
            doors.write_now(session_writes.add, SessionLogCreate.model_validate(log), person_id, NOW)
        score = FunctionScoreCreate.model_validate({**SCORE, "instrument": "psfs", "activities": ACTIVITIES})
        doors.write_now(function_scores.add, score, person_id, NOW)
        known.append((organization_id, person_id))
    fill_links(database, *known)
    assert database.system.write_now(audit.begin_chores, NOW, NOW)
    database.close()
    return database_url


def fill_access(doors: Doors) -> None:
    """Store a person who signed up, whose tokens were refreshed once, and an issuer."""
    owned = doors.write_now(accounts.sign_up, accounts.SignUp(email="somebody@example.org", password_hash="x"), NOW)
    assert owned.account_id is not None
    first, second = (sign_ins.new_pair(NOW, timedelta(minutes=15), timedelta(days=60)) for _ in range(2))
    assert doors.write_now(sign_ins.begin, owned.account_id, first, NOW)
    assert doors.write_now(sign_ins.rotate, access.key_digest(first.refresh), second, NOW)
    doors.write_now(issuers.add, TrustedIssuerCreate.model_validate(ISSUER), NOW)


def fill_program(doors: Doors, person_id: UUID) -> None:
    """Store a program in two versions."""
    item = {"exercise_id": "standing-mid-back-reach"}
    sent = {"id": str(uuid5(person_id, "program")), "starts_on": "2026-11-22", "phases": [{"items": [item]}]}
    body = ProgramCreate.model_validate(sent)
    plan = ProgramPlan(starts_on=body.starts_on, phases=body.phases or [])
    doors.write_now(program_writes.add, body, plan, person_id, ProgramMaker.ORGANIZATION, NOW)
    paused = ProgramUpdate(state=ProgramState.PAUSED)
    changed = doors.write_now(program_writes.change, body.id, frozenset({"*"}), paused, NOW)
    assert changed.outcome is program_writes.ProgramOutcome.CHANGED


def fill_links(database: Database, clinic: tuple[UUID, UUID], app: tuple[UUID, UUID]) -> None:
    """Link a person who shared everything and now shares figures alone, and leave another invitation open."""
    (here, invited), (there, person_id) = clinic, app
    doors, code = database.bound_to(there), link_invitations.new_code()
    assert database.bound_to(here).write_now(link_invitations.invite, invited, code, NOW)
    digest, place = link_invitations.digest_of(code), link_invitations.Clinic(here, "clinic")
    consent = Consent(sessions=True, progress=True, recommendations=True, covers_from=BEGINNING, wording="1")
    written = doors.write_now(links.accept, person_id, digest, place, consent, NOW)
    assert written.link is not None
    fewer = consent.model_copy(update={"sessions": False, "recommendations": False})
    changed = doors.write_now(links.change, person_id, written.link.id, frozenset({"*"}), fewer, NOW)
    assert changed.outcome is links.LinkOutcome.CHANGED
    at_clinic = database.bound_to(here)
    at_clinic.write_now(holds.place, invited, Disposition.URGENT, ["rf03"], NOW, written.link.id)
    assert at_clinic.write_now(link_invitations.invite, invited, "still open", NOW)


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": Table.metadata})
        return list(compare_metadata(context, Table.metadata))


def contents(engine: Engine, tables: MetaData) -> Rows:
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(table).order_by(*table.primary_key.columns)).all()
            for table in tables.sorted_tables
            if table.name != VERSION
        }


def fingerprints(rows: Rows) -> dict[str, tuple[int, str]]:
    """Return for each table how many rows it has and their hash."""
    return {
        name: (len(found), hashlib.sha256(repr([tuple(row) for row in found]).encode()).hexdigest())
        for name, found in rows.items()
    }


def test_there_is_one_head_and_the_code_knows_it() -> None:
    assert scripts().get_heads() == [HEAD]
    assert list(scripts().get_bases()) == [revisions()[-1]]
    for path in sorted((FOLDER / "versions").glob("*.py")):
        assert path.stem[:4] in revisions(), "a script's name begins with its revision"


def test_every_module_with_tables_is_known_to_the_migrations() -> None:
    with_tables = {
        path.stem
        for path in DATA.glob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and any(keyword.arg == "table" for keyword in node.keywords)
    }
    listed = next(
        {element.id for element in node.value.elts if isinstance(element, ast.Name)}
        for node in ast.parse((FOLDER / "env.py").read_text()).body
        if isinstance(node, ast.Assign)
        and getattr(node.targets[0], "id", "") == "TABLES"
        and isinstance(node.value, ast.Tuple)
    )
    assert with_tables == listed == {Path(str(room.__file__)).stem for room in ROOMS}


def test_the_migrated_schema_has_no_model_diff(engine: Engine) -> None:
    assert is_current(engine)
    assert differences(engine) == []


def test_migrating_again_changes_nothing(filled: str, engine: Engine) -> None:
    before = fingerprints(contents(engine, Table.metadata))
    assert migrate(engine) == HEAD
    assert fingerprints(contents(engine, Table.metadata)) == before


@pytest.mark.endurance(
    "Every migration goes up, down and up again with the data of both schemas kept",
    f"{2 * SESSIONS:,} sessions, on each database",
)
def test_every_step_down_and_up_keeps_what_both_schemas_hold(filled: str, engine: Engine) -> None:
    before = contents(engine, Table.metadata)
    assert not [name for name, found in before.items() if not found], "every table is filled"
    for target in revisions()[1:]:
        downgrade(engine, target)
        assert current(engine) == target
        kept = MetaData()
        kept.reflect(engine)
        migrate(engine)
        assert differences(engine) == []
        known = {table.name: set(table.columns.keys()) for table in kept.sorted_tables}
        after = contents(engine, Table.metadata)
        assert narrowed(after, known) == narrowed(before, known), f"through {target}"


def narrowed(rows: Rows, known: dict[str, set[str]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the known tables with their known columns."""
    return {
        name: [{key: value for key, value in row._mapping.items() if key in known[name]} for row in found]
        for name, found in rows.items()
        if name in known
    }


def test_when_days_began_is_read_from_their_sessions(filled: str, engine: Engine) -> None:
    rows = contents(engine, Table.metadata)["daily_progress"]
    assert {row.offset_least for row in rows if not row.region} == {0}
    downgrade(engine, "0010")
    migrate(engine)
    assert contents(engine, Table.metadata)["daily_progress"] == rows


def test_down_to_nothing_and_up_again_holds_the_same_rows(filled: str, engine: Engine) -> None:
    rows = contents(engine, Table.metadata)
    downgrade(engine, BASE)
    assert set(inspect(engine).get_table_names()) <= {VERSION}
    assert current(engine) is None
    assert migrate(engine) == HEAD
    assert differences(engine) == []
    assert not any(contents(engine, Table.metadata).values())
    assert all(rows.values()), "every table was filled"
    with engine.begin() as connection:
        for table in Table.metadata.sorted_tables:
            connection.execute(table.insert(), [dict(row._mapping) for row in rows[table.name]])
    assert fingerprints(contents(engine, Table.metadata)) == fingerprints(rows)


def test_a_database_of_a_newer_server_is_not_taken_for_current(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION} SET version_num = '9999'")
    assert not is_current(engine)
