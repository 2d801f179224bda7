"""The conditions that a text tells in words that no phrase holds: learned from texts of people who have them.

What the phrases found stands: the network adds, it takes nothing away, and it is silent about a condition that the
words name in any way, be it as denied, as past or as somebody else's, and about one that it hears in words which are
said of somebody else: "my sister is 31 weeks".
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Final

from api.rules.impressions import features, impression
from api.rules.network import Network, network_of
from api.rules.tokens import Token
from schemas.catalog import RuleSet
from schemas.conditions import Condition
from schemas.findings import Finding, PersonFacts
from schemas.vocabulary import FlagLevel, Status

MODEL: Final = "words"
KIND: Final = "condition"
POINTER: Final = "/text"
PREGNANCY: Final = "pregnancy"
NEVER: Final = 2.0


@dataclass(frozen=True, slots=True)
class ConditionListener:
    """The model of a release, how likely each condition must be, and the signs that imply one, by condition."""

    conditions: tuple[str, ...]
    least: tuple[float, ...]
    network: Network
    signs: Mapping[str, str]

    def listen(
        self, tokens: Sequence[Token], findings: Sequence[Finding], person: PersonFacts, ruled_out: Container[str]
    ) -> list[Finding]:
        """Return the conditions that the text tells, beside those that `findings` name already; none that a measure
        speaks against: `ruled_out` are the signs that measures fall short of."""
        others = [finding for finding in findings if finding.kind != KIND]
        made = impression(self.network, features(tokens, others, person), tokens)
        named = {_family(finding.id) for finding in findings if finding.kind == KIND}
        of_others = [
            finding.span for finding in findings if finding.status is Status.OTHER_PERSON and finding.span is not None
        ]
        # The last head says that no condition is told.
        likely = _shares([made.score(head) for head in range(len(self.conditions) + 1)])
        return [
            Finding(KIND, condition, Status.PRESENT, round(likely[head], 3), POINTER, span)
            for head, condition in enumerate(self.conditions)
            if likely[head] >= self.least[head] and _family(condition) not in named
            if self.signs.get(condition) not in ruled_out
            if (span := made.span(head)) is not None
            if not any(start < span[1] and span[0] < end for start, end in of_others)
        ]


def condition_listener(rules: RuleSet) -> ConditionListener | None:
    """Return the listener of a release; None when it has no model.

    A condition that needs a clinician first must be likelier than one that only rules movements out; one that is urgent
    is left to the alarms.
    """
    model = rules.told_conditions.get(MODEL)
    if model is None:
        return None
    values = rules.tuning.values
    likely, first = values.get("told_condition", 1.0), values.get("told_condition_first", 1.0)
    least = [_least(rules.conditions[condition], likely, first) for condition in model.conditions]
    signs = {condition: sign for sign, condition in rules.tuning.implied_conditions.items()}
    return ConditionListener(tuple(model.conditions), tuple(least), network_of(model), signs)


def _least(condition: Condition, likely: float, first: float) -> float:
    if condition.level is None:
        return likely
    return first if condition.level is FlagLevel.SEE_CLINICIAN else NEVER


def _family(condition: str) -> str:
    """Return what an id is a kind of: a pregnancy is one, whichever its trimester."""
    return condition.partition("_")[0] if condition.startswith(PREGNANCY) else condition


def _shares(scores: Sequence[float]) -> list[float]:
    most = max(scores)
    parts = [exp(score - most) for score in scores]
    return [part / sum(parts) for part in parts]
