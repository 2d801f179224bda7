"""What a catalogue document is: its kinds, its canonical text, and the error of a catalogue that is not sound."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from schemas.base import Document
from schemas.catalog import EmergencyNumbers, Tuning
from schemas.conditions import Condition
from schemas.exercises import ExerciseDefinition, ExerciseKind, StopRule
from schemas.lexicon import Concept, EmergencyWord
from schemas.networks import AlarmModel, AnswerModel, ConditionModel
from schemas.red_flags import Question, RedFlag
from schemas.regions import Cause, Equipment, MovementProperty, Muscle, Nicknames, Region, Topic
from schemas.translations import Translation

CATALOG_KINDS: Final[Mapping[str, type[Document]]] = MappingProxyType(
    {
        "exercise": ExerciseDefinition,
        "region": Region,
        "muscle": Muscle,
        "equipment": Equipment,
        "cause": Cause,
        "property": MovementProperty,
        "stop_rule": StopRule,
        "kind": ExerciseKind,
        "topic": Topic,
        "nickname": Nicknames,
        "answers": AnswerModel,
        "translation": Translation,
    }
)
RULE_KINDS: Final[Mapping[str, type[Document]]] = MappingProxyType(
    {
        "condition": Condition,
        "red_flag": RedFlag,
        "question": Question,
        "numbers": EmergencyNumbers,
        "concept": Concept,
        "emergency_word": EmergencyWord,
        "tuning": Tuning,
        "alarm": AlarmModel,
        "told_conditions": ConditionModel,
    }
)
KINDS: Final[Mapping[str, type[Document]]] = MappingProxyType({**CATALOG_KINDS, **RULE_KINDS})


class CatalogError(Exception):
    """The catalogue is not sound; `findings` says all that is wrong with it, each with its file."""

    def __init__(self, findings: Sequence[str]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(self.findings))


@dataclass(frozen=True, slots=True)
class CatalogDocument:
    """One validated document of the catalogue and the place it was read from; `line` is 1-based."""

    kind: str
    id: str
    document: Document
    path: Path
    line: int | None = None

    @property
    def place(self) -> str:
        """The file, with its folder and line, and the document, for a finding."""
        return f"{where(self.path, self.line)}: {self.kind} {self.id}"


def where(path: Path, line: int | None = None) -> str:
    """Return the file with its folder, and the line where it is known."""
    file = f"{path.parent.name}/{path.name}"
    return file if line is None else f"{file}:{line}"


def dump(document: Document) -> str:
    """Return the canonical JSON of a document: every field, keys sorted, compact."""
    return json.dumps(document.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def parse(kind: str, payload: str) -> Document:
    """Return the document that `dump` wrote; raises KeyError on an unknown kind, ValidationError on a bad payload."""
    document = KINDS[kind].model_validate_json(payload)
    # `dump` wrote every field, so which were set says nothing, and would cost up to two kilobytes a document.
    object.__setattr__(document, "__pydantic_fields_set__", _NOTHING_SET)
    return document


_NOTHING_SET: Final[set[str]] = set()
