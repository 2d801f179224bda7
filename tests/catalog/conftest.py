"""A little catalogue on disk."""

from pathlib import Path

import pytest

from tests.catalog.making import FILES, Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a maker of a sound little catalogue in which some files are others."""

    def make(**changes: str) -> Path:
        for name, content in {**FILES, **{key.replace("__", "/"): text for key, text in changes.items()}}.items():
            path = tmp_path / (name if name.endswith(".toml") else f"{name}.toml")
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return tmp_path

    return make
