"""The papers say what the code does: settings, commands, calls, the contract; and say nothing that they should not."""

import json
import re
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
import typer.main

from api.__main__ import cli
from api.banner import CALLS
from api.examples import PERSON_ID, SESSION_ID
from api.main import build
from api.settings import Settings
from data.catalog.loader import read_files
from data.database import Database

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
ENVIRONMENT = (ROOT / ".env.example").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()

UNTRACKED = {line.strip().strip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if line.strip()}
BASE = "http://127.0.0.1:8000"
MARKS = ("TO" + "DO", "FIX" + "ME", "X" + "XX", "place" + "holder text", "lorem " + "ipsum")
MACHINE = ("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/", "C:" + "\\Users")
HOSTS = ("py" + "pi.", "python" + "hosted.org", "npm" + "js.", "registry" + "-1.", "deb.deb" + "ian", "crat" + "es.io")
CLAIMS = r"\b(?:cures?|cured|guaranteed?s?|clinically proven|(?:FDA|CE)[- ](?:approved|cleared|marked)|risk[- ]free)\b"


def tracked() -> list[Path]:
    found, folders = [], [ROOT]
    while folders:
        for path in sorted(folders.pop().iterdir()):
            if path.name in UNTRACKED | {".git"} or path.suffix == ".pyc":
                continue
            (folders if path.is_dir() else found).append(path)
    return found


def commands() -> list[str]:
    group = typer.main.get_command(cli)
    found = []
    for name, command in group.commands.items():
        found += [f"{name} {inner}" for inner in getattr(command, "commands", {})] or [name]
    return found


def shell(text: str) -> list[str]:
    """Every curl call in a text, whitespace and line ends evened out."""
    joined = re.sub(r"\\\n", " ", text)
    calls = re.findall(r"^ *(curl .*?)(?=\n\s*(?:\n|```|curl )|\Z)", joined, flags=re.DOTALL | re.MULTILINE)
    return [re.sub(r"\s+", " ", call).strip() for call in calls]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    variable, default = f"LIMBER_{name.upper()}", Settings.model_fields[name].default
    shown = str(default).lower() if isinstance(default, bool) else str(default)
    assert f"\n{variable}={shown}\n" in f"\n{ENVIRONMENT}\n"
    row = next((line for line in README.splitlines() if line.startswith(f"| `{variable}`")), None)
    assert row is not None, f"the README's table of settings lacks {variable}"
    assert f"`{shown}`" in row if shown else "empty" in row


def test_no_setting_is_documented_that_does_not_exist() -> None:
    known = {f"LIMBER_{name.upper()}" for name in Settings.model_fields} | {"LIMBER_KEY"}
    for text in (README, ENVIRONMENT, (ROOT / "compose.yaml").read_text(), (ROOT / "Dockerfile").read_text()):
        assert set(re.findall(r"\bLIMBER_[A-Z_]+\b", text)) <= known


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`python -m api {command}" in README


@pytest.mark.parametrize("target", re.findall(r"^([a-z-]+):.*## ", MAKEFILE, flags=re.MULTILINE))
def test_every_target_of_make_is_in_the_readme(target: str) -> None:
    assert f"`make {target}`" in README or target == "help"


def test_the_calls_of_the_readme_are_those_of_the_first_start() -> None:
    printed = shell(CALLS.format(base=BASE, key="KEY", session=SESSION_ID, person=PERSON_ID))
    assert len(printed) == 3
    readme = shell(README)
    assert [call for call in printed if call not in readme] == []
    assert UUID(SESSION_ID).version == UUID(PERSON_ID).version == 7


def test_every_operation_is_in_the_readme() -> None:
    contract = json.loads((ROOT / "openapi.json").read_text())
    missing = [
        f"{method.upper()} {path}"
        for path, operations in contract["paths"].items()
        for method in operations
        if not re.search(rf"^\| `{method.upper()} {re.escape(path)}`", README, flags=re.MULTILINE)
    ]
    assert not missing


def test_the_contract_is_the_committed_one(tmp_path: Path) -> None:
    settings = Settings(_env_file=None)
    made = build(settings, Database(f"sqlite:///{tmp_path}/unused.db"), lambda: pytest.fail("no clock")).openapi()
    assert json.loads((ROOT / "openapi.json").read_text()) == json.loads(json.dumps(made)), "run make openapi"


def test_the_purpose_is_stated_plainly() -> None:
    for sentence in ("not a diagnosis", "not yet reviewed by a clinician", "English only", "Apache-2.0", "CC BY 4.0"):
        assert sentence in re.sub(r"\s+", " ", README)
    licence = (ROOT / "LICENSE").read_text()
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert "Limber exercise catalogue, CC BY 4.0" in licence


def test_no_more_is_said_to_be_reviewed_than_is() -> None:
    reviewed = [
        item.id for item in read_files(ROOT / "data" / "catalog") if getattr(item.document, "reviewed_by", None)
    ]
    assert not reviewed, "the README says that no clinician has reviewed anything"


def test_links_inside_the_papers_lead_somewhere() -> None:
    for paper in ("README.md", "CHANGELOG.md"):
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / paper).read_text()):
            assert (ROOT / link).exists(), f"{paper}: {link}"


def test_no_paper_holds_what_it_should_not() -> None:
    found = []
    for path in tracked():
        text = path.read_text(errors="replace")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in (*MARKS, *MACHINE, *HOSTS) if word in text]
    assert not found


def test_no_file_strays_into_the_house() -> None:
    strange = [str(path.relative_to(ROOT)) for path in tracked() if not re.fullmatch(r"[\w.-]+", path.name, re.ASCII)]
    left_over = [
        path.name for path in tracked() if path.suffix in {".db", ".log", ".orig", ".rej"} or "-shm" in path.name
    ]
    assert not strange + left_over


def test_nothing_is_promised_that_exercises_cannot_keep() -> None:
    papers = [ROOT / "README.md", *sorted((ROOT / "data" / "catalog" / "exercises").glob("*.toml"))]
    found = [
        f"{path.name}: {match}"
        for path in papers
        for match in re.findall(CLAIMS, path.read_text(), flags=re.IGNORECASE)
    ]
    assert not found


def test_the_readme_has_the_first_runs_as_they_are() -> None:
    report = ROOT / "tests" / "evaluation" / "report.py"
    done = subprocess.run([sys.executable, report, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
