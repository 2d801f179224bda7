"""Reports of exercises that hurt, those of the sessions that are there too, and what clinicians let single people do."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

REASONS = ("examined", "supervised", "adapted", "tolerated_before", "condition_mild", "condition_resolved")
ACTORS = ("key", "member", "person", "system")
DONE = ("side", "sets", "repetitions", "hold_seconds", "duration_seconds", "completion_percent", "difficulty",
        "pain_during")  # fmt: skip
AT_ONCE = 500


def instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def key(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id", "person_id"],
        ["person.organization_id", "person.id"],
        name=op.f(f"fk_{table}_organization_id_person_id_person"),
    )


def one_of(column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    said = " OR ".join(f"{column} = '{value}'" for value in values)
    return sa.CheckConstraint(said, name=op.f(f"ck_override_{column}"))


def upgrade() -> None:
    op.create_table(
        "adverse_event",
        key("organization_id"),
        key("session_id"),
        sa.Column("exercise_id", sa.String(), nullable=False),
        key("person_id"),
        instant("occurred_at"),
        instant("reported_at"),
        sa.Column("catalog", sa.String(), nullable=False),
        sa.Column("ruleset", sa.String(), nullable=False),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.Column("prescribed", sa.JSON(), nullable=True),
        sa.Column("conditions", sa.JSON(), nullable=True),
        of_person("adverse_event"),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["session_log.organization_id", "session_log.id"],
            name=op.f("fk_adverse_event_organization_id_session_id_session_log"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "session_id", "exercise_id", name=op.f("pk_adverse_event")),
    )
    for columns in (["organization_id", "person_id"], ["exercise_id", "occurred_at"]):
        op.create_index(op.f(f"ix_adverse_event_{'_'.join(columns)}"), "adverse_event", columns)
    op.create_table(
        "override",
        key("organization_id"),
        key("id"),
        key("person_id"),
        sa.Column("exercise_id", sa.String(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        instant("until"),
        instant("created_at"),
        sa.Column("created_by_kind", sa.String(length=24), nullable=False),
        key("created_by_id", nullable=True),
        instant("ended_at", nullable=True),
        sa.Column("ended_by_kind", sa.String(length=24), nullable=True),
        key("ended_by_id", nullable=True),
        one_of("reason", REASONS),
        one_of("created_by_kind", ACTORS),
        one_of("ended_by_kind", ACTORS),
        sa.CheckConstraint("until > created_at", name=op.f("ck_override_span")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by_kind IS NULL)", name=op.f("ck_override_ended")),
        of_person("override"),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_override")),
    )
    op.create_index(
        op.f("ix_override_organization_id_person_id_id"), "override", ["organization_id", "person_id", "id"]
    )
    report_what_hurt()


def report_what_hurt() -> None:
    """Report the exercises that hurt in the sessions that are there, under the release that is served now."""
    marked = sa.text(
        "SELECT e.*, s.person_id, s.started_at, s.updated_at FROM session_exercise e"
        " JOIN session_log s ON s.organization_id = e.organization_id AND s.id = e.session_id"
        " WHERE e.hurt AND s.deleted_at IS NULL AND s.link_id IS NULL"
        " ORDER BY e.organization_id, e.session_id, e.position"
    )
    served = op.get_bind().execute(sa.text("SELECT catalog_hash, ruleset_hash FROM catalog_release")).first()
    reports: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in op.get_bind().execute(marked).mappings():
        place = {name: row[name] for name in ("organization_id", "session_id", "exercise_id")}
        report = reports.setdefault(
            tuple(place.values()),
            {
                **place,
                "person_id": row["person_id"],
                "occurred_at": row["started_at"],
                "reported_at": row["updated_at"],
                "catalog": served[0] if served else "",
                "ruleset": served[1] if served else "",
                "done": [],
            },
        )
        report["done"].append({name: row[name] for name in DONE if row[name] is not None})
    stored = [{**report, "done": json.dumps(report["done"])} for report in reports.values()]
    names = ("organization_id", "session_id", "exercise_id", "person_id", "occurred_at", "reported_at", "catalog",
             "ruleset", "done")  # fmt: skip
    insert = sa.text(
        f"INSERT INTO adverse_event ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})"  # noqa: S608
    )
    for start in range(0, len(stored), AT_ONCE):
        op.get_bind().execute(insert, stored[start : start + AT_ONCE])


def downgrade() -> None:
    op.drop_table("override")
    op.drop_table("adverse_event")
