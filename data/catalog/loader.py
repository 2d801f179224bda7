"""The catalogue as a whole: reads and cross-checks a folder, and assembles documents into what the rules work on."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from data.catalog.checks import cross_check
from data.catalog.documents import (
    CATALOG_KINDS,
    KINDS,
    RULE_KINDS,
    CatalogDocument,
    CatalogError,
    dump,
    parse,
)
from data.catalog.reading import read_folder
from schemas.base import Document
from schemas.catalog import Catalog, EmergencyNumbers, Lexicon, ReleaseStamp, RuleSet, Tuning
from schemas.conditions import Condition
from schemas.exercises import ExerciseDefinition, ExerciseKind, StopRule
from schemas.lexicon import Concept, EmergencyWord
from schemas.networks import AlarmModel, AnswerModel, ConditionModel
from schemas.red_flags import Question, RedFlag
from schemas.regions import Cause, Equipment, MovementProperty, Muscle, Nicknames, Region, Topic
from schemas.translations import Translation

__all__ = [
    "KINDS",
    "CatalogDocument",
    "CatalogError",
    "assemble",
    "cross_check",
    "dump",
    "parse",
    "read_files",
]

Piece = tuple[str, str, Document]
D = TypeVar("D", bound=Document)


def read_files(
    folder: Path, derived: Callable[[ExerciseDefinition], Collection[str]] | None = None
) -> list[CatalogDocument]:
    """Return every document of a catalogue folder; raises CatalogError with all findings when it is not sound.

    `derived` computes the movement properties that are never stored; with it, the check that no exercise suits a
    condition that forbids it covers those as well.
    """
    reading = read_folder(folder)
    # A document that did not parse would make every mention of it a second, misleading finding.
    findings = reading.findings or cross_check(reading.documents, derived)
    if findings:
        raise CatalogError(findings)
    return reading.documents


def assemble(documents: Iterable[Piece], stamp: ReleaseStamp | None = None) -> tuple[Catalog, RuleSet, Lexicon]:
    """Return the frozen catalogue, rules and lexicon, each by id, with hashes that do not depend on any order.

    `stamp` holds the hashes when they are known already.
    """
    pieces = sorted(documents, key=lambda piece: piece[:2])
    kinds = _by_kind(pieces)
    tuning = _of(kinds, "tuning", Tuning)
    if len(tuning) != 1:
        raise CatalogError(["tuning.toml: the rules need exactly one set of thresholds"])
    catalog = Catalog(
        exercises=_of(kinds, "exercise", ExerciseDefinition),
        regions=_of(kinds, "region", Region),
        muscles=_of(kinds, "muscle", Muscle),
        equipment=_of(kinds, "equipment", Equipment),
        causes=_of(kinds, "cause", Cause),
        properties=_of(kinds, "property", MovementProperty),
        stop_rules=_of(kinds, "stop_rule", StopRule),
        kinds=_of(kinds, "kind", ExerciseKind),
        topics=_of(kinds, "topic", Topic),
        nicknames=_of(kinds, "nickname", Nicknames),
        translations=_of(kinds, "translation", Translation),
        hash=_hash(pieces, CATALOG_KINDS) if stamp is None else stamp.catalog,
        answers=_of(kinds, "answers", AnswerModel),
    )
    rules = RuleSet(
        conditions=_of(kinds, "condition", Condition),
        red_flags=_of(kinds, "red_flag", RedFlag),
        questions=_of(kinds, "question", Question),
        numbers=_of(kinds, "numbers", EmergencyNumbers),
        tuning=next(iter(tuning.values())),
        hash=_hash(pieces, RULE_KINDS) if stamp is None else stamp.ruleset,
        alarms=_of(kinds, "alarm", AlarmModel),
        told_conditions=_of(kinds, "told_conditions", ConditionModel),
    )
    lexicon = Lexicon(
        concepts=_of(kinds, "concept", Concept),
        emergency_words=_of(kinds, "emergency_word", EmergencyWord),
    )
    return catalog, rules, lexicon


def _by_kind(pieces: Iterable[Piece]) -> Mapping[str, Mapping[str, Document]]:
    kinds: dict[str, dict[str, Document]] = {}
    for kind, identity, document in pieces:
        kinds.setdefault(kind, {})[identity] = document
    return kinds


def _of(kinds: Mapping[str, Mapping[str, Document]], kind: str, model: type[D]) -> Mapping[str, D]:
    found = kinds.get(kind, {}).items()
    return MappingProxyType({identity: document for identity, document in found if isinstance(document, model)})


def _hash(pieces: list[Piece], kinds: Collection[str]) -> str:
    digest = hashlib.sha256()
    for kind, identity, document in pieces:
        if kind in kinds:
            digest.update(f"{kind}\0{identity}\0{dump(document)}\n".encode())
    return digest.hexdigest()[:16]
