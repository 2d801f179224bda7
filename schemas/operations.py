"""How the server is."""

from schemas.base import Schema


class Health(Schema):
    """The process answers."""

    status: str


class Readiness(Health):
    """What was found ready: the database and its version, the writer's restarts, the release that is served."""

    database: str
    database_version: str
    writer_restarts: int
    release: int
