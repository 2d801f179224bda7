"""The habits of the code: sizes, names, and who may open which door."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = ("schemas", "data", "api")
MIGRATIONS = ROOT / "data" / "migrations" / "versions"

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
DEEPEST = 3
BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.AsyncFor, ast.AsyncWith, ast.Match)
LONG_FILES: dict[str, str] = {"tests/routers/matrix.py": "one row for each operation, to be read as a table"}
"""Files that may be longer, each with its reason."""
LONG_FUNCTIONS: dict[str, str] = {}
"""Functions that may be longer, as `path:name`, each with its reason. Migrations are generated and never touched."""

ATTICS = {"utils", "util", "helpers", "helper", "common", "core", "constants", "services", "repositories", "misc"} | {
    "managers", "manager", "base_controller", "crud", "shared", "lib",
}  # fmt: skip

UNBOUND_DOORS = {
    "api/__main__.py": 2,
    "api/access_commands.py": 4,
    "api/banner.py": 3,
    "api/backup_commands.py": 1,
    "api/doctor.py": 10,
    "api/entrance.py": 6,
    "api/erasure_ledgers.py": 5,
    "api/event_commands.py": 2,
    "api/exchange_commands.py": 2,
    "api/attention_keeping.py": 1,
    "api/housekeeping.py": 5,
    "api/routers/operations.py": 2,
    "api/security.py": 1,
    "api/snapshot.py": 3,
}
"""How often each file opens the doors that see every tenant; all of them act for the server, never for a caller."""

BUILT_LATE = {"create_engine", "Database", "Settings", "FastAPI", "create_app", "Session", "sessionmaker"}


def code() -> list[Path]:
    return sorted(path for floor in (*FLOORS, "tests") for path in (ROOT / floor).rglob("*.py"))


def floors() -> list[Path]:
    return [path for path in code() if path.relative_to(ROOT).parts[0] in FLOORS]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def depth(node: ast.AST) -> int:
    """Return how many blocks stand inside each other; `elif` is no deeper than its `if`."""
    deepest = 0
    for name, value in ast.iter_fields(node):
        children = [child for child in (value if isinstance(value, list) else [value]) if isinstance(child, ast.AST)]
        for child in children:
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            is_elif = isinstance(node, ast.If) and name == "orelse" and len(children) == 1 and isinstance(child, ast.If)
            deepest = max(deepest, depth(child) + (isinstance(child, BLOCKS) and not is_elif))
    return deepest


@pytest.mark.parametrize("path", code(), ids=named)
def test_files_and_functions_are_short(path: Path) -> None:
    text = path.read_text()
    lines = len(text.splitlines())
    assert lines <= LONGEST_FILE or named(path) in LONG_FILES, f"{lines} lines: find the second noun"
    if path.parent == MIGRATIONS:
        return
    long = {
        f"{named(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert not long.keys() - LONG_FUNCTIONS.keys(), long


@pytest.mark.parametrize("path", floors(), ids=named)
def test_nesting_stays_shallow(path: Path) -> None:
    deep = {
        node.name: depth(node)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and depth(node) > DEEPEST
    }
    assert not deep


def test_the_exceptions_are_still_needed() -> None:
    gone = [name for name in LONG_FILES if len((ROOT / name).read_text().splitlines()) <= LONGEST_FILE]
    assert not gone
    assert all((ROOT / place.partition(":")[0]).exists() for place in LONG_FUNCTIONS)


def test_no_attic() -> None:
    attics = [
        named(path)
        for path in code()
        if {part.removesuffix(".py").removeprefix("test_") for part in path.relative_to(ROOT).parts} & ATTICS
    ]
    assert not attics, "name files after what they hold"


def test_tests_have_no_init_files_that_would_shadow_the_floors() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_no_two_public_classes_share_a_name() -> None:
    names = Counter(
        node.name
        for path in floors()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert not [name for name, times in names.items() if times > 1]


CROSSINGS = {"data/crossing.py": 1, "data/links.py": 2, "data/sharing.py": 7}
"""How often each file steps from one organisation into another; the first is where it is defined."""


def test_the_doors_that_see_every_tenant_are_counted() -> None:
    uses = {
        named(path): len(re.findall(r"\b_?(?:db|database)\.system\b", path.read_text()))
        for path in floors()
        if path.name != "database.py"
    }
    assert {path: count for path, count in uses.items() if count} == UNBOUND_DOORS


def test_the_steps_into_another_organisation_are_counted() -> None:
    uses = {named(path): len(re.findall(r"\bacross\(", path.read_text())) for path in floors()}
    assert {path: count for path, count in uses.items() if count} == CROSSINGS


def test_sessions_and_recommendations_are_written_where_they_are_shared() -> None:
    writing = r"\b(?:session_writes\.(?:add|add_many|change|remove)|recommendations\.keep)\b"
    assert {named(path) for path in floors() if re.search(writing, path.read_text())} == {
        "data/sharing.py", "data/shared_sessions.py"
    }  # fmt: skip


def test_only_the_writer_commits() -> None:
    committing = {named(path) for path in floors() if re.search(r"\.commit\(", path.read_text())}
    assert committing <= {"data/database.py", "data/writer.py"}


@pytest.mark.parametrize("path", floors(), ids=named)
def test_nothing_is_opened_or_configured_at_import(path: Path) -> None:
    def calls(node: ast.AST) -> list[str]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return []
        own = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            own = [f"line {node.lineno}: {name}"] if name in BUILT_LATE else []
        return own + [found for child in ast.iter_child_nodes(node) for found in calls(child)]

    assert not calls(ast.parse(path.read_text()))
