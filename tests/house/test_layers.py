"""The floors: imports point down, every module has its place, and the rules stay pure."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = ("schemas", "data", "api")
RULES = sorted((ROOT / "api" / "rules").glob("*.py"))

PURE_LIBRARIES = {"schemas", "api", "rapidfuzz", "snowballstemmer"}
IMPURE = {"asyncio", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "socket", "sqlite3"} | {
    "subprocess", "sys", "tempfile", "threading", "time", "tomllib", "urllib", "zoneinfo",
}  # fmt: skip
IMPURE_CALLS = {"open", "print", "input", "now", "utcnow", "today", "uuid1", "uuid4", "uuid7"}


def sources() -> list[Path]:
    return sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, "." * node.level + (node.module or "")


def test_the_contracts_of_the_floors_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "0 broken" in done.stdout


def test_every_contract_that_the_design_names_is_there() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    forbidden = {
        (source, target)
        for contract in contracts
        if contract["type"] == "forbidden"
        for source in contract["source_modules"]
        for target in contract["forbidden_modules"]
    }
    wanted = {
        ("schemas", "sqlmodel"), ("schemas", "sqlalchemy"), ("schemas", "fastapi"), ("data", "fastapi"),
        ("api.rules", "data"), ("api.rules", "sqlmodel"), ("api.rules", "sqlalchemy"), ("api.rules", "fastapi"),
    }  # fmt: skip
    assert wanted <= forbidden


def test_every_module_stands_on_a_floor() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    placed = {module.strip() for layer in layers for module in layer.replace("|", ":").split(":")}
    missing = [
        name
        for name in map(module_of, sources())
        if name != "api" and not any(name == place or name.startswith(f"{place}.") for place in placed)
    ]
    assert not missing, f"give these a place in [tool.importlinter] layers: {missing}"
    real = {module_of(path) for path in sources()}
    assert placed <= real, f"these are gone: {sorted(placed - real)}"


LATE = {"jwt"}
"""What few servers need, and would cost every one of them nine megabytes."""


@pytest.mark.parametrize("path", sources(), ids=named)
def test_imports_are_absolute_and_stand_at_the_top(path: Path) -> None:
    tree = ast.parse(path.read_text())
    relative = [node.lineno for node, name in imports(tree) if name.startswith(".")]
    assert not relative, f"relative imports in lines {relative}"
    inside = [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node, name in imports(function)
        if name not in LATE
    ]
    assert not inside, f"imports inside functions in lines {inside}"


@pytest.mark.parametrize("path", RULES, ids=named)
def test_the_rules_know_no_clock_no_files_and_no_chance(path: Path) -> None:
    tree = ast.parse(path.read_text())
    allowed = (PURE_LIBRARIES | sys.stdlib_module_names) - IMPURE
    strange = {name for _, name in imports(tree) if name.partition(".")[0] not in allowed}
    outside = {name for _, name in imports(tree) if name.startswith("api") and not name.startswith("api.rules")}
    calls = {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", None) in IMPURE_CALLS or getattr(node.func, "attr", None) in IMPURE_CALLS)
    }
    assert not strange | outside
    assert not calls, f"impure calls in lines {sorted(calls)}"
