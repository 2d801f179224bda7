"""A restored database begins a new epoch: cursors that were given out before it are told to start again."""

import sqlite3
from typing import Final
from uuid import uuid4

POSTGRES: Final = """
DO $$ BEGIN
  IF to_regclass('change_counter') IS NOT NULL THEN
    UPDATE change_counter SET epoch = gen_random_uuid();
  END IF;
END $$;
"""
"""The same for PostgreSQL, as a statement of the transaction that restores."""


def renew(connection: sqlite3.Connection) -> None:
    """Begin a new epoch in a database of SQLite that nobody else has open."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'change_counter'")
    if known.fetchone():
        connection.execute("UPDATE change_counter SET epoch = ?", (uuid4().hex,))
