"""The searches with their answers that the search learns from."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
TUNED_ON = ("set_tune", "set_check", "set_check_2", "set_unseen", "set_unseen_2", "set_unseen_3", "set_unseen_4")


def cases() -> Iterator[dict[str, Any]]:
    for path in sorted((FOLDER / "practice").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            yield json.loads(line)
    for name in TUNED_ON:
        yield from json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def texts_hash() -> str:
    """Return the hash of the searches that are learned from."""
    digest = hashlib.sha256()
    for path in (*sorted((FOLDER / "practice").glob("*.jsonl")), *(FOLDER / f"{name}.json" for name in TUNED_ON)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
