"""Drivers that fail at a chosen call: before the database is asked, or after it has answered."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Engine, event


@dataclass
class Plan:
    """Which call of the writers fails; 0 none. `calls` counts those that were made."""

    fails_at: int = 0
    after: bool = False
    calls: int = 0
    failed: bool = False

    def arm(self, fails_at: int, *, after: bool) -> None:
        """Let one call fail, counted from now."""
        self.fails_at, self.after, self.calls, self.failed = fails_at, after, 0, False

    def run(self, error: type[Exception], call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Make the call, or fail in its place or behind it."""
        if not threading.current_thread().name.startswith("writer"):
            return call(*arguments, **named)
        self.calls += 1
        due = self.calls == self.fails_at
        self.failed |= due
        if due and not self.after:
            raise error("the test lets this call fail")
        result = call(*arguments, **named)
        if due:
            raise error("the test lets this call fail")
        return result


def faulty(error: type[Exception], base: type[Any], plan: Plan, names: tuple[str, ...], **members: Any) -> type[Any]:
    """Return the driver's class with calls that follow the plan."""

    def planned(name: str) -> Callable[..., Any]:
        def call(self: Any, *arguments: Any, **named: Any) -> Any:
            return plan.run(error, getattr(base, name), self, *arguments, **named)

        return call

    return type(f"Faulty{base.__name__}", (base,), {**{name: planned(name) for name in names}, **members})


@contextmanager
def faults() -> Iterator[Plan]:
    """Let every connection that is opened meanwhile follow the plan."""
    plan = Plan()
    lite_cursor = faulty(sqlite3.OperationalError, sqlite3.Cursor, plan, ("execute", "executemany"))
    lite = faulty(
        sqlite3.OperationalError,
        sqlite3.Connection,
        plan,
        ("commit",),
        cursor=lambda self, factory=lite_cursor: sqlite3.Connection.cursor(self, factory),
        execute=lambda self, *arguments: self.cursor().execute(*arguments),
    )
    postgres_cursor = faulty(psycopg.OperationalError, psycopg.Cursor, plan, ("execute", "executemany"))
    postgres = faulty(psycopg.OperationalError, psycopg.Connection, plan, ("commit",))

    def connecting(dialect: Any, _record: Any, arguments: Any, named: Any) -> Any:
        if dialect.name == "sqlite":
            return sqlite3.connect(*arguments, **named, factory=lite)
        return postgres.connect(*arguments, **named, cursor_factory=postgres_cursor)

    event.listen(Engine, "do_connect", connecting)
    try:
        yield plan
    finally:
        event.remove(Engine, "do_connect", connecting)
