"""The shipped words and rules, and a short way to ask them something."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from api.rules.reader import Reader
from api.rules.triage import assess
from api.rules.understanding import compile_reader, read
from data.catalog.loader import assemble, read_files
from schemas.catalog import Catalog, Lexicon, RuleSet
from schemas.findings import Assessment, Reading
from schemas.recommendations import RecommendationQuestion
from schemas.vocabulary import Disposition, FlagLevel, Status

CATALOG = Path(__file__).parents[2] / "data" / "catalog"
STOPPED = (Disposition.EMERGENCY, Disposition.URGENT)
GOES_ON = (Disposition.CAUTION, Disposition.SELF_CARE)


@dataclass(frozen=True)
class Shipped:
    catalog: Catalog
    rules: RuleSet
    lexicon: Lexicon
    reader: Reader


@dataclass(frozen=True)
class Heard:
    reading: Reading
    assessment: Assessment

    @property
    def disposition(self) -> Disposition:
        return self.assessment.disposition

    @property
    def flags(self) -> dict[str, FlagLevel]:
        return {flag.id: flag.level for flag in self.assessment.flags}

    def ids(self, kind: str, status: Status = Status.PRESENT) -> set[str]:
        return {f.id for f in self.reading.findings if f.kind == kind and f.status is status}


@cache
def shipped() -> Shipped:
    catalog, rules, lexicon = assemble((d.kind, d.id, d.document) for d in read_files(CATALOG))
    return Shipped(catalog, rules, lexicon, compile_reader(lexicon, catalog, rules))


def ask(text: str = "", **fields: Any) -> Heard:
    """Read and assess one question; `answers`, `cleared` and `age` are taken apart from the other fields."""
    screening = {"answers": fields.pop("answers", {}), "cleared": fields.pop("cleared", False)}
    person = {
        name: fields.pop(name) for name in ("age", "pregnant", "pregnancy_weeks", "postpartum_weeks") if name in fields
    }
    question = RecommendationQuestion(text=text, screening=screening, person=person, **fields)
    world = shipped()
    reading = read(question, world.reader)
    return Heard(reading, assess(reading, question.screening, question.country, world.catalog, world.rules))


def all_answered_no(heard: Heard) -> dict[str, bool]:
    """Answers that settle every open question in the reassuring way."""
    return {name: name == "pressing_or_moving_changes" for name in heard.assessment.open_questions}
