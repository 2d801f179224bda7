"""Commands that refuse to go on say so in one clear line."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from api.__main__ import cli
from data import releases
from data.catalog.documents import CatalogDocument
from data.database import Database
from schemas.catalog import Tuning


@pytest.fixture
def older(database: Database, documents: list[CatalogDocument]) -> None:
    """A catalogue of an older version, without one of the thresholds that this one needs."""
    made = []
    for item in documents:
        if isinstance(item.document, Tuning):
            values = {name: value for name, value in item.document.values.items() if name != "weight_region"}
            item = replace(item, document=item.document.model_copy(update={"values": values}))
        made.append(item)
    database.system.write_now(releases.load, made, datetime.now(UTC))


@pytest.mark.parametrize("command", ["serve", "doctor"])
def test_a_catalogue_of_another_version_is_named_with_its_cure(older: None, database_url: str, command: str) -> None:
    result = CliRunner().invoke(cli, [command], env={"LIMBER_DATABASE_URL": database_url})
    assert result.exit_code == 1
    said = [line for line in result.output.splitlines() if "catalogue" in line]
    assert len(said) == 1
    assert "missing weight_region" in said[0]
    assert "load-catalog" in said[0]
