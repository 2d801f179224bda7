"""PostgreSQL that is down, slow, read-only or full of connections: 503 in time, and well again by itself."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from data.catalog.documents import CatalogDocument
from data.database import Database
from tests.conftest import Tenant, make_tenant, prepared
from tests.data.making import body
from tests.own_postgres import OwnPostgres, own_postgres
from tests.serving import Answer, Server, free_port

ANSWER_SECONDS = 6
RECOVERY_SECONDS = 10
AT_ONCE = 12

SLOW = (
    "CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NEW; END $$",
    "CREATE TRIGGER slow BEFORE INSERT ON session_log FOR EACH ROW EXECUTE FUNCTION be_slow()",
)
LEAVE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'"

pytestmark = pytest.mark.endurance(
    "PostgreSQL down, slow, locked, read-only or full: 503 in time, and well again by itself",
    "6 s to answer, 10 s to recover",
)


@pytest.fixture(scope="module")
def postgres(documents: list[CatalogDocument]) -> Iterator[OwnPostgres]:
    with own_postgres() as server:
        prepared(server.url, documents)
        server.run("CREATE ROLE app LOGIN", "GRANT ALL ON ALL TABLES IN SCHEMA public TO app")
        yield server


@pytest.fixture(scope="module")
def tenant(postgres: OwnPostgres) -> Tenant:
    database = Database(postgres.url)
    database.open()
    made = make_tenant(database, "clinic")
    database.close()
    return made


@pytest.fixture(scope="module")
def server(postgres: OwnPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # Not the owner: limits of connections do not hold for a superuser.
    with Server(postgres.url.replace("//postgres:", "//app:"), free_port()) as started:
        started.start(tmp_path_factory.mktemp("faults"))
        yield started


@pytest.fixture(autouse=True)
def well_before(server: Server, tenant: Tenant) -> None:
    assert_recovers(server, tenant)


def post(server: Server, tenant: Tenant) -> Answer:
    return server.ask("POST", "/sessions", body(tenant.person_id), tenant.headers)


def read(server: Server, tenant: Tenant) -> Answer:
    return server.ask("GET", "/sessions?limit=5", None, tenant.headers)


def assert_unavailable(answer: Answer) -> None:
    assert answer.status == 503, answer
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.seconds < ANSWER_SECONDS


def assert_alive(server: Server) -> None:
    answer = server.ask("GET", "/livez")
    assert answer.status == 200
    assert answer.seconds < 3
    assert server.ask("GET", "/exercises?limit=5").status == 200


def assert_recovers(server: Server, tenant: Tenant) -> None:
    started = time.monotonic()
    while not (post(server, tenant).status == 201 and read(server, tenant).status == 200 and ready(server)):
        assert time.monotonic() - started < RECOVERY_SECONDS
        time.sleep(0.1)


def ready(server: Server) -> bool:
    return server.ask("GET", "/readyz").status == 200


def test_down(postgres: OwnPostgres, server: Server, tenant: Tenant) -> None:
    postgres.stop()
    try:
        assert_unavailable(post(server, tenant))
        assert_unavailable(read(server, tenant))
        assert_unavailable(server.ask("GET", "/readyz"))
        assert_alive(server)
    finally:
        postgres.start()
    assert_recovers(server, tenant)


def test_slow_writes(postgres: OwnPostgres, server: Server, tenant: Tenant) -> None:
    postgres.run(*SLOW)
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            waiting = [pool.submit(post, server, tenant) for _ in range(AT_ONCE)]
            time.sleep(1)
            assert_alive(server)
            assert read(server, tenant).status == 200
            answers = [each.result() for each in waiting]
    finally:
        postgres.run("DROP FUNCTION be_slow CASCADE")
    for answer in answers:
        if answer.status != 201:
            assert_unavailable(answer)
    assert {answer.status for answer in answers} & {503}
    assert_recovers(server, tenant)


def test_locked(postgres: OwnPostgres, server: Server, tenant: Tenant) -> None:
    with postgres.connected() as connection:
        connection.execute(text("BEGIN"))
        connection.execute(text("LOCK TABLE session_log IN ACCESS EXCLUSIVE MODE"))
        with ThreadPoolExecutor(2 * AT_ONCE) as pool:
            waiting = [pool.submit(ask, server, tenant) for ask in (post, read) for _ in range(AT_ONCE)]
            time.sleep(0.5)
            assert_alive(server)
            for each in waiting:
                assert_unavailable(each.result())
        connection.execute(text("ROLLBACK"))
    assert_recovers(server, tenant)


def test_read_only(postgres: OwnPostgres, server: Server, tenant: Tenant) -> None:
    postgres.run("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
    try:
        time.sleep(0.5)
        assert_unavailable(post(server, tenant))
        assert_unavailable(server.ask("GET", "/readyz"))
        assert read(server, tenant).status == 200
        assert_alive(server)
    finally:
        postgres.run("ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")
    assert_recovers(server, tenant)


def test_out_of_connections(postgres: OwnPostgres, server: Server, tenant: Tenant) -> None:
    postgres.run("ALTER ROLE app CONNECTION LIMIT 0", LEAVE)
    try:
        assert_unavailable(post(server, tenant))
        assert_unavailable(read(server, tenant))
        assert_unavailable(server.ask("GET", "/readyz"))
        assert_alive(server)
    finally:
        postgres.run("ALTER ROLE app CONNECTION LIMIT -1")
    assert_recovers(server, tenant)


def test_the_log_tells_of_it_without_a_value(server: Server) -> None:
    printed = server.printed.read_text()
    assert "Traceback" not in printed
    assert "felt fine" not in printed
    assert Path(__file__).name not in printed
