"""Reviews of exercises: who has read which text, when, and whether it still is that text."""

import hashlib
import json
import re
import shutil
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from data.catalog.documents import CatalogDocument, where
from schemas.exercises import ExerciseDefinition

NOT_THE_TEXT: Final = frozenset({"reviewed_by", "reviewed_on", "reviewed_text", "revised_on"})
"""Fields that say something about the text and are not it."""

VALUE: Final = re.compile(r"""\w+\s*=\s*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[\w:.-]+)""")
"""A key and its value at the beginning of a line; what follows is a remark."""


@dataclass(frozen=True, slots=True)
class Review:
    """Who has read a text, and on which day."""

    by: str
    on: date


class ReviewRefused(Exception):
    """No review was recorded and no file was changed; `reasons` says why, one line each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))


def text_digest(definition: ExerciseDefinition) -> str:
    """Return the SHA-256 of all that an exercise says but who reviewed it and when, as 64 hexadecimal digits.

    What has its default value is left out, so that a field which a later version adds does not void older reviews.
    """
    text = definition.model_dump(mode="json", exclude=set(NOT_THE_TEXT), exclude_defaults=True)
    canonical = json.dumps(text, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def is_reviewed(definition: ExerciseDefinition) -> bool:
    """Return whether somebody named has reviewed this very text on a known day."""
    named = bool(definition.reviewed_by.strip()) and definition.reviewed_on is not None
    return named and definition.reviewed_text == text_digest(definition)


def record(
    exercises: Mapping[str, CatalogDocument], faulty: Collection[str], ids: Sequence[str], review: Review, today: date
) -> list[str]:
    """Write the review into the file of each exercise and return a line for each; formats and remarks stay.

    `exercises` holds what was read, by id, `faulty` the ids of those with findings. All or nothing: raises
    ReviewRefused, and changes no file, on an empty name, a day after `today`, an unknown id or a faulty exercise.
    """
    wanted = list(dict.fromkeys(ids))
    reasons = list(_objections(exercises, faulty, wanted, review, today))
    if reasons:
        raise ReviewRefused(reasons)
    written = {exercises[identity].path: _with_review(exercises[identity], review) for identity in wanted}
    _replace_all(written)
    return [f"{where(path)}: reviewed by {review.by.strip()} on {review.on}" for path in written]


def _objections(
    exercises: Mapping[str, CatalogDocument], faulty: Collection[str], ids: Sequence[str], review: Review, today: date
) -> list[str]:
    reasons = []
    if not review.by.strip():
        reasons.append("a review needs the name of the person who read the text")
    if review.on > today:
        reasons.append(f"a review cannot be of a day to come: {review.on}, and today is {today}")
    for identity in ids:
        if identity not in exercises:
            reasons.append(f"there is no exercise {identity}")
        elif identity in faulty:
            reasons.append(f"{where(exercises[identity].path)}: it has findings; see `python -m api catalog check`")
    return reasons


def _with_review(found: CatalogDocument, review: Review) -> str:
    """Return the file's text with the review in it; raises ReviewRefused when the exercise would read otherwise."""
    try:
        before = found.path.read_bytes().decode()
        digest = text_digest(ExerciseDefinition.model_validate(tomllib.loads(before)))
        after = _with_lines(
            before,
            {
                "reviewed_by": json.dumps(review.by.strip(), ensure_ascii=False),
                "reviewed_on": review.on.isoformat(),
                "reviewed_text": f'"{digest}"',
            },
        )
        definition = ExerciseDefinition.model_validate(tomllib.loads(after))
    except (OSError, ValidationError, ValueError) as error:
        raise ReviewRefused([f"{where(found.path)}: the review cannot be written: {error}"]) from error
    if definition.id != found.id or text_digest(definition) != digest or not is_reviewed(definition):
        raise ReviewRefused([f"{where(found.path)}: the review cannot be written without changing the text"])
    return after


def _with_lines(text: str, values: Mapping[str, str]) -> str:
    """Return the text with these keys of its head set; a key that is missing goes behind the one before it."""
    lines = text.splitlines(keepends=True)
    head = next((at for at, line in enumerate(lines) if line.startswith("[")), len(lines))
    behind = head
    for name, value in values.items():
        found = [at for at, line in enumerate(lines[:head]) if re.match(rf"{name}\s*=", line)]
        if found:
            behind = found[0]
            remark = VALUE.sub("", lines[behind], count=1).rstrip("\n")
            lines[behind] = f"{name} = {value}{remark}\n"
        else:
            lines.insert(behind + 1 if behind < head else head, f"{name} = {value}\n")
            behind, head = behind + 1 if behind < head else head, head + 1
    return "".join(lines)


def _replace_all(texts: Mapping[Path, str]) -> None:
    """Write every text beside its file first, so that a full disk leaves all files as they were."""
    beside: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            new = path.with_name(f"{path.name}.new")
            with new.open("xb") as file:
                beside[path] = new
                file.write(text.encode())
            shutil.copymode(path, new)
        for path, new in beside.items():
            new.replace(path)
    except OSError as error:
        raise ReviewRefused([f"the files cannot be written: {error}"]) from error
    finally:
        for new in beside.values():
            new.unlink(missing_ok=True)
