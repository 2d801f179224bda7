"""What the first start prints: a development key and three calls to try."""

import ipaddress
from datetime import datetime
from typing import Final
from uuid import UUID

import typer

from api.examples import PERSON_ID, SESSION_ID
from data import access, people
from data.database import Database
from schemas.access import Scope
from schemas.people import PersonCreate

ORGANIZATION: Final = "development"
EXTERNAL_ID: Final = "development-person"

CALLS: Final = """
Limber serves {base}  (documentation: {base}/docs)

Development key, shown this once:

  export LIMBER_KEY={key}

Three calls to try:

  curl '{base}/exercises?region=mid_back&limit=3'

  curl {base}/recommendations -H 'Content-Type: application/json' \\
    -d '{{"text": "sore between my shoulder blades after heavy rows"}}'

  curl {base}/sessions -H "Authorization: Bearer $LIMBER_KEY" -H 'Content-Type: application/json' \\
    -d '{{"id": "{session}", "person_id": "{person}",
         "started_at": "2026-11-22T07:30:00Z", "ended_at": "2026-11-22T07:36:00Z", "timezone": "Europe/Madrid",
         "pain": [{{"region": "mid_back", "before": 5, "during_max": 4, "after": 3}}],
         "exercises": [{{"exercise_id": "standing-mid-back-reach", "repetitions": 3, "hold_seconds": 15}}]}}'
"""


def greet(database: Database, host: str, port: int, now: datetime) -> None:
    """Print a development key and the calls, on loopback and an SQLite database without organisations only."""
    base = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    if database.is_sqlite and is_loopback(host) and database.system.read_now(access.is_empty):
        organization, key = database.system.write_now(access.add_key, ORGANIZATION, list(Scope), now)
        database.system.write_now(access.open_to_strangers, organization)
        person = PersonCreate(id=UUID(PERSON_ID), external_id=EXTERNAL_ID)
        database.bound_to(organization).write_now(people.add, person, now)
        typer.echo(CALLS.format(base=base, key=key, session=SESSION_ID, person=PERSON_ID))
    else:
        typer.echo(f"Limber serves {base}  (documentation: {base}/docs)")


def is_loopback(host: str) -> bool:
    """Return True when only this machine reaches the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
