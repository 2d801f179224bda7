"""Every table of an organisation either belongs to a person, and is exported and erased, or is known to be nobody's."""

import subprocess
import sys

from sqlalchemy import LargeBinary

from api import main
from data.person_records import READABLE, SECRETS, exported_columns, personal_tables
from data.table import tenant_tables

IMPERSONAL = {
    "api_key": "keys of other servers",
    "audit_event": "pseudonyms, which lead to nobody once the person is erased; exported by pseudonym",
    "change_counter": "how many changes there were",
    "erased_session": "random ids of sessions whose person is erased",
    "erasure": "digests of random ids",
    "own_exercise": "the organisation's own exercises",
    "own_revision": "which of them changed",
    "trusted_issuer": "whose word is taken",
}
"""Tenant tables that hold nothing of a person, and why."""


def test_every_table_is_somebodys_or_known_to_be_nobodys() -> None:
    personal = {table.name for table in personal_tables()}
    assert personal | IMPERSONAL.keys() == tenant_tables().keys()
    assert not personal & IMPERSONAL.keys()


def test_no_table_is_missed_however_little_of_the_house_is_imported() -> None:
    assert main.ROOMS, "here all of it is imported"
    script = "from data.person_records import personal_tables; print(*(table.name for table in personal_tables()))"
    alone = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(alone.stdout.split()) == {table.name for table in personal_tables()}


def test_what_belongs_to_a_person_comes_after_what_it_refers_to() -> None:
    order = [table.name for table in personal_tables()]
    for table in personal_tables():
        for key in table.foreign_keys:
            if key.column.table.name in order and key.column.table is not table:
                assert order.index(key.column.table.name) < order.index(table.name)


def test_only_secrets_and_digests_are_left_out_of_an_archive() -> None:
    left_out = {
        f"{table.name}.{column.name}"
        for table in personal_tables()
        for column in table.columns
        if column not in exported_columns(table) and column.name != "organization_id"
    }
    assert all(name.partition(".")[2].endswith("digest") or name.partition(".")[2] in SECRETS for name in left_out)
    named = {f"{table.name}.{column.name}": column.type for table in personal_tables() for column in table.columns}
    assert {name: isinstance(kind, LargeBinary) for name, kind in named.items() if name in READABLE} == dict.fromkeys(
        READABLE, True
    )
    assert named.keys() >= {"account.password_hash"}
