"""The whole specification against the real server: no 5xx, nothing that the specification does not say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from data.database import Database
from tests.conftest import BACKENDS, make_tenant
from tests.serving import Server, free_port
from tests.soak import scaled, soaking

LEAST_CASES = scaled(700, 2_000)
EXAMPLES = scaled(3, 30)
REFUSALS = [400, 401, 403, 404, 405, 406, 409, 410, 413, 414, 415, 422, 428, 431]
# What the specification calls valid may still name an exercise that does not exist; that is a documented 422.
NOT_CHECKED = "positive_data_acceptance"

pytestmark = pytest.mark.endurance(
    "Made-up requests meet the specification",
    f"{LEAST_CASES:,} requests and more, on each database",
)


@pytest.mark.parametrize("backend", BACKENDS if soaking() else ["sqlite"])
def test_thousands_of_made_up_requests_meet_the_specification(
    backend: str, database: Database, database_url: str, tmp_path: Path
) -> None:
    tenant = make_tenant(database, "fuzz")
    server = Server(database_url, free_port())
    server.start(tmp_path)
    (tmp_path / "schemathesis.toml").write_text(f"checks.negative_data_rejection.expected-statuses = {REFUSALS}\n")
    try:
        run = subprocess.run(
            [
                str(Path(sys.executable).parent / "schemathesis"),
                "run",
                f"http://127.0.0.1:{server.port}/openapi.json",
                "--header",
                f"Authorization: Bearer {tenant.key}",
                "--checks=all",
                f"--exclude-checks={NOT_CHECKED}",
                f"--max-examples={EXAMPLES}",
                "--continue-on-failure",
                "--seed=20261122",
                "--no-color",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
    finally:
        server.kill()
    assert run.returncode == 0, run.stdout[-6000:]
    generated = re.search(r"(\d+) generated", run.stdout)
    assert generated is not None
    assert int(generated[1]) >= LEAST_CASES
