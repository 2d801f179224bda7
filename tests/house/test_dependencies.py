"""What is imported is declared, what is declared is used, and what is installed is locked by hash."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUN_TIME = [re.split(r"[\[<>=!~; ]", entry)[0].lower() for entry in PROJECT["dependencies"]]
DEVELOPMENT = [re.split(r"[\[<>=!~; ]", entry)[0].lower() for entry in PROJECT["optional-dependencies"]["dev"]]
TRAINING = [re.split(r"[\[<>=!~; ]", entry)[0].lower() for entry in PROJECT["optional-dependencies"]["train"]]
OWN = {"api", "data", "schemas", "tests"}

NEVER_IMPORTED = {
    "psycopg": "the driver that SQLAlchemy loads by name",
    "uvloop": "the event loop that uvicorn loads by name",
    "httptools": "the parser that uvicorn loads by name",
    "tzdata": "what zoneinfo reads where the system has no time zones",
    "fastapi-offline": "only its files are served",
    "httpx2": "the transport of the test client",
    "schemathesis": "runs as a command",
    "pytest-xdist": "what pytest runs on every core with",
    "import-linter": "runs as a command",
    "mypy": "runs as a command",
    "ruff": "runs as a command",
}
"""Dependencies that no line imports, each with its reason."""
PART_OF = {"pydantic-core": "pydantic", "cryptography": "pyjwt"}


def imported(*folders: str) -> set[str]:
    """Return the names of the distributions that the code below the folders imports."""
    owners = packages_distributions()
    names: set[str] = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    names |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names.add(node.module.partition(".")[0])
    neighbours = {path.stem for path in (ROOT / "tests").rglob("*.py")}
    foreign = names - OWN - neighbours - sys.stdlib_module_names
    found = {owners.get(name, [name])[0].lower().replace("_", "-") for name in foreign}
    return {PART_OF.get(name, name) for name in found}


def locked(name: str) -> dict[str, list[str]]:
    """Return the hashes of each `distribution==version` of a lock file."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    entries = (line.split() for line in text.splitlines() if line.strip())
    return {words[0]: [word for word in words if word.startswith("--hash=sha256:")] for words in entries}


def test_what_the_server_imports_is_declared() -> None:
    assert imported("api", "data", "schemas") <= set(RUN_TIME)


def test_what_the_tests_import_is_declared() -> None:
    assert imported("tests") <= {*RUN_TIME, *DEVELOPMENT, *TRAINING}


def test_nothing_is_declared_that_nobody_uses() -> None:
    used = imported("api", "data", "schemas") | NEVER_IMPORTED.keys()
    assert set(RUN_TIME) <= used
    assert {*DEVELOPMENT, *TRAINING} <= used | imported("tests")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_version_is_pinned_by_hash(name: str) -> None:
    entries = locked(name)
    assert not [entry for entry, hashes in entries.items() if not hashes or "==" not in entry]
    assert "://" not in (ROOT / name).read_text()
    assert "--index" not in (ROOT / name).read_text()


def test_the_locks_hold_what_is_declared_and_agree() -> None:
    run_time, development = locked("requirements.lock"), locked("requirements-dev.lock")
    assert set(RUN_TIME) <= {entry.partition("==")[0] for entry in run_time}
    assert {*RUN_TIME, *DEVELOPMENT} <= {entry.partition("==")[0] for entry in development}
    assert run_time.keys() <= development.keys()


def test_every_dependency_beyond_the_first_list_has_its_sentence() -> None:
    first = {"fastapi", "uvicorn", "pydantic", "sqlmodel", "alembic", "pydantic-settings", "psycopg", "typer"} | {
        "rapidfuzz", "snowballstemmer", "uuid-utils", "starlette", "sqlalchemy", "pytest",
    }  # fmt: skip
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert not [name for name in {*RUN_TIME, *DEVELOPMENT} - first if f"**{name}**" not in changes]
