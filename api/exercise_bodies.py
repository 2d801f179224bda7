"""Exercises as ready bytes, in every language, and what stays in memory beside them.

What people read stands in the bytes. The rules work on definitions without those texts, which would cost as much again.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic_core import to_json

from api.ready import Ready, digest_of, ready
from api.rules.filters import minutes_of
from api.rules.properties import all_properties
from api.wording import Wording
from data.catalog.reviews import is_reviewed
from schemas.exercises import ContraindicationNote, Dose, Exercise, ExerciseDefinition, Muscles, StopRule
from schemas.translations import SOURCE_LANGUAGE, TEXTS, Translated

NOT_REVIEWED: Final = "Not reviewed by a clinician."
NOT_TRANSLATED: Final = b"false}"
"""Takes the place of the last five bytes of an English exercise, `true}`."""

_SET_FIELDS: Final[set[str]] = set()
"""One for all: which fields were set is never asked again."""


class Shelf:
    """The bodies of exercises by id, filled one by one while a release is read."""

    def __init__(self) -> None:
        self.bodies: dict[str, Ready] = {}
        self._doses: dict[Dose, Dose] = {}

    def put(
        self, definition: ExerciseDefinition, changed_at: datetime, stop_rules: Mapping[str, StopRule]
    ) -> ExerciseDefinition:
        """Keep the body, and return the definition without what only people read and without a review that is void.

        Equal doses become one.
        """
        reviewed = is_reviewed(definition)
        self.bodies[definition.id] = _english_body(definition, changed_at, stop_rules, reviewed)
        return _thin(definition, self._doses, reviewed)


def _english_body(
    definition: ExerciseDefinition, changed_at: datetime, stop_rules: Mapping[str, StopRule], reviewed: bool
) -> Ready:
    """Return the public shape of an exercise as JSON; `translated` stands last. The definition is a validated one."""
    fields: dict[str, Any] = {
        **definition.__dict__,
        "properties": sorted(all_properties(definition)),
        "stop_rules": [stop_rules[code] for code in definition.stop_if if code in stop_rules],
        "minutes": minutes_of(definition),
        "changed_at": changed_at,
        "reviewed": reviewed,
        "review_notice": _review_of(definition) if reviewed else NOT_REVIEWED,
        "language": SOURCE_LANGUAGE,
        "translated_fields": [],
        "translated": True,
    }
    shape = Exercise.model_construct(**fields)
    return ready(shape.__pydantic_serializer__.to_json(shape))


def not_translated(english: Ready) -> Ready:
    """Return the English exercise for somebody who asked for a language that is not served."""
    return Ready(english.body[:-5] + NOT_TRANSLATED, digest_of(english.digest.encode() + NOT_TRANSLATED))


def body_in(wording: Wording, id_: str, english: Ready) -> Ready:
    """Return the exercise in another language, as far as it is translated."""
    shape: dict[str, Any] = json.loads(english.body)
    translation = wording.of(Translated.EXERCISE, id_)
    texts = {} if translation is None else translation.texts()
    shape["translated"] = bool(texts) and all(name in texts or not shape[name] for name in TEXTS)
    shape.update(texts)
    shape["translated_fields"] = sorted(texts)
    shape["language"] = wording.language if texts else SOURCE_LANGUAGE
    return ready(to_json(shape))


class WrittenExercises(Mapping[str, ExerciseDefinition]):
    """The exercises with all their texts, read out of their bodies one by one when they are asked for."""

    def __init__(self, ids: Sequence[str], bodies: Sequence[Ready]) -> None:
        self._bodies = dict(zip(ids, bodies, strict=True))

    def __getitem__(self, id_: str) -> ExerciseDefinition:
        return Exercise.model_validate_json(self._bodies[id_].body)

    def __iter__(self) -> Iterator[str]:
        return iter(self._bodies)

    def __len__(self) -> int:
        return len(self._bodies)


def _thin(definition: ExerciseDefinition, doses: dict[Dose, Dose], reviewed: bool) -> ExerciseDefinition:
    fields = {
        **definition.__dict__,
        "aliases": [],
        "lay_words": [],
        "setup": "",
        "steps": [],
        "cues": definition.cues[:1],
        "mistakes": [],
        "feel": "",
        "breathing": "",
        "movements": [],
        "muscles": Muscles.model_construct(_SET_FIELDS, **definition.muscles.__dict__),
        "contraindication_notes": [
            ContraindicationNote.model_construct(_SET_FIELDS, **note.__dict__)
            for note in definition.contraindication_notes
        ],
        "dosage": {audience: doses.setdefault(dose, dose) for audience, dose in definition.dosage.items()},
        "source": "",
        "reviewed_by": definition.reviewed_by if reviewed else "",
        "device": None,
    }
    return ExerciseDefinition.model_construct(_SET_FIELDS, **fields)


def _review_of(definition: ExerciseDefinition) -> str:
    return f"Reviewed by {definition.reviewed_by} on {definition.reviewed_on}."
