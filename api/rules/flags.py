"""Which red flags fire: every case of every flag, evaluated over what is present, recent and uncertain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.catalog import RuleSet
from schemas.findings import Finding, Flagged, Reading, Span
from schemas.red_flags import FlagCase, RedFlag
from schemas.vocabulary import Disposition, FlagLevel, Status

_ORDER = tuple(FlagLevel)
_DISPOSITIONS = tuple(Disposition)
ANSWER = "answer."
ANSWER_NO = "answer_no."
UNNAMED_QUESTION = "warning_sign"
"""Asked where no other question settles a flag."""


@dataclass(frozen=True, slots=True)
class FactBase:
    """The facts of a reading and of the answers, in three widening circles: certain, recent too, uncertain too."""

    certain: frozenset[str]
    recent: frozenset[str]
    uncertain: frozenset[str]

    @staticmethod
    def of(reading: Reading, answers: Mapping[str, bool]) -> "FactBase":
        """Return the evidence; an answer `true` establishes `answer.ID`, `false` only `answer_no.ID`."""
        said = frozenset(f"{ANSWER if yes else ANSWER_NO}{name}" for name, yes in answers.items())
        certain = reading.facts | said
        recent = certain | reading.recent_facts
        return FactBase(certain, recent, recent | reading.uncertain_facts)


def worst(dispositions: Iterable[Disposition]) -> Disposition:
    """Return the most urgent of the dispositions; self_care when there are none."""
    return min(dispositions, key=_DISPOSITIONS.index, default=Disposition.SELF_CARE)


def fired(reading: Reading, evidence: FactBase, rules: RuleSet) -> list[Flagged]:
    """Return the flags that fire, each at its most urgent level, in the order of the rule set."""
    found: list[Flagged] = []
    for flag in rules.red_flags.values():
        level = _level(flag, reading.person.age, evidence)
        if level is not None:
            found.append(Flagged(flag.id, level, _span(flag, reading)))
    return found


def _level(flag: RedFlag, age: int | None, evidence: FactBase) -> FlagLevel | None:
    """What is recent counts as urgent at most; what is uncertain asks first."""
    levels: list[FlagLevel] = []
    for case in flag.cases:
        if not _supported(case, age, evidence.uncertain):
            continue
        level = case.level or flag.level
        if holds(case, age, evidence.certain):
            levels.append(level)
        elif holds(case, age, evidence.recent):
            levels.append(FlagLevel.URGENT if level is FlagLevel.EMERGENCY else level)
        elif level in (FlagLevel.EMERGENCY, FlagLevel.URGENT) and holds(case, age, evidence.uncertain):
            levels.append(FlagLevel.ANSWER_FIRST)
    return min(levels, key=_ORDER.index, default=None)


def holds(case: FlagCase, age: int | None, facts: frozenset[str]) -> bool:
    """True when the case's facts and age hold: all of `all_of`, `at_least` of each group, none of `none_of`."""
    return _supported(case, age, facts) and facts.isdisjoint(case.none_of)


def _supported(case: FlagCase, age: int | None, facts: frozenset[str]) -> bool:
    """True when all that speaks for the case is there; what no fact supports, fewer facts do not support either."""
    if not facts.issuperset(case.all_of):
        return False
    if (case.min_age is not None and (age is None or age < case.min_age)) or (
        case.max_age is not None and (age is None or age > case.max_age)
    ):
        return False
    return all(sum(map(facts.__contains__, group)) >= case.at_least for group in case.any_of)


def facts_of(flag: RedFlag) -> frozenset[str]:
    """Return every fact that can help to fire the flag."""
    return frozenset(
        fact for case in flag.cases for fact in (*case.all_of, *(one for group in case.any_of for one in group))
    )


def _span(flag: RedFlag, reading: Reading) -> Span | None:
    """Where in the text the flag's first sign was said; None when a field or an answer fired it."""
    wanted = facts_of(flag)
    said = [f for f in reading.findings if f.pointer == "/text" and f.span and _counts(f) and _fact(f) in wanted]
    ranked = sorted(said, key=lambda f: (f.kind != "sign", f.kind != "condition", f.span or (0, 0)))
    return ranked[0].span if ranked else None


def _counts(finding: Finding) -> bool:
    return finding.status in (Status.PRESENT, Status.UNCERTAIN) or finding.recent


def _fact(finding: Finding) -> str:
    return finding.id if finding.kind == "sign" else f"{finding.kind}.{finding.id}"


def resolving_questions(flag: Flagged, evidence: FactBase, rules: RuleSet) -> tuple[str, ...]:
    """Return the questions whose answers settle a flag that only asks, those about the doubtful facts first."""
    facts = facts_of(rules.red_flags[flag.id])
    doubtful = facts & (evidence.uncertain - evidence.certain) or facts & evidence.certain
    by_finding = [q.id for q in rules.questions.values() if doubtful.intersection(q.answered_by)]
    by_answer = [q.id for q in rules.questions.values() if f"{ANSWER}{q.id}" in facts]
    both = [name for name in by_answer if name in by_finding]
    return tuple(sorted(both or by_answer or by_finding or [q for q in (UNNAMED_QUESTION,) if q in rules.questions]))
