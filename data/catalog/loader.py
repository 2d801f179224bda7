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
    tuning = _of(pieces, "tuning", Tuning)
    if len(tuning) != 1:
        raise CatalogError(["tuning.toml: the rules need exactly one set of thresholds"])
    catalog = Catalog(
        exercises=_of(pieces, "exercise", ExerciseDefinition),
        regions=_of(pieces, "region", Region),
        muscles=_of(pieces, "muscle", Muscle),
        equipment=_of(pieces, "equipment", Equipment),
        causes=_of(pieces, "cause", Cause),
        properties=_of(pieces, "property", MovementProperty),
        stop_rules=_of(pieces, "stop_rule", StopRule),
        kinds=_of(pieces, "kind", ExerciseKind),
        topics=_of(pieces, "topic", Topic),
        nicknames=_of(pieces, "nickname", Nicknames),
        translations=_of(pieces, "translation", Translation),
        hash=_hash(pieces, CATALOG_KINDS) if stamp is None else stamp.catalog,
        answers=_of(pieces, "answers", AnswerModel),
    )
    rules = RuleSet(
        conditions=_of(pieces, "condition", Condition),
        red_flags=_of(pieces, "red_flag", RedFlag),
        questions=_of(pieces, "question", Question),
        numbers=_of(pieces, "numbers", EmergencyNumbers),
        tuning=next(iter(tuning.values())),
        hash=_hash(pieces, RULE_KINDS) if stamp is None else stamp.ruleset,
        alarms=_of(pieces, "alarm", AlarmModel),
        told_conditions=_of(pieces, "told_conditions", ConditionModel),
    )
    lexicon = Lexicon(
        concepts=_of(pieces, "concept", Concept),
        emergency_words=_of(pieces, "emergency_word", EmergencyWord),
    )
    return catalog, rules, lexicon


def _of(pieces: list[Piece], kind: str, model: type[D]) -> Mapping[str, D]:
    return MappingProxyType(
        {identity: document for name, identity, document in pieces if name == kind and isinstance(document, model)}
    )


def _hash(pieces: list[Piece], kinds: Collection[str]) -> str:
    digest = hashlib.sha256()
    for kind, identity, document in pieces:
        if kind in kinds:
            digest.update(f"{kind}\0{identity}\0{dump(document)}\n".encode())
    return digest.hexdigest()[:16]
