"""Numbers in people's words: lapses of time, severity, and measures such as blood pressure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.rules.tokens import Token

OLDEST = 120
YOUNGEST_TOLD = 13
YEARS_BETWEEN = 10
AFTER_AGE = frozenset({"and", "i", "but", "then"})
BETWEEN = ("of", "or", "more", "to")


@dataclass(frozen=True, slots=True)
class Lapse:
    """A stretch of time that was named: tokens [start, end), its days, and how it was meant.

    `ago` it lies back so many days; `lasting` something has been so since; otherwise it is only an amount.
    """

    start: int
    end: int
    days: float
    unit_days: float
    ago: bool = False
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words of quantity that were found, as {first token: (token behind, value)}, and sets of tokens."""

    numbers: Mapping[int, tuple[int, float]]
    units: Mapping[int, tuple[int, float]]
    whens: Mapping[int, tuple[int, float]]
    ago: Mapping[int, int]
    onset: frozenset[int]
    rating: frozenset[int]
    pressure: frozenset[int]
    temperature: frozenset[int]


def number_at(tokens: Sequence[Token], at: int, spoken: Spoken) -> tuple[int, float] | None:
    """Return the token behind the number at `at` and its value, or None."""
    if at >= len(tokens):
        return None
    word = tokens[at].word
    if word[0].isdigit() and word.replace(".", "", 1).isdecimal():
        return at + 1, float(word)
    held = spoken.numbers.get(at)
    if held is None:
        return None
    after, value = held
    ones = spoken.numbers.get(after)
    if value >= 20 and value % 10 == 0 and ones is not None and ones[1] < 10:
        return ones[0], value + ones[1]
    return held


def lapses(tokens: Sequence[Token], spoken: Spoken) -> list[Lapse]:
    """Return every lapse of time in order: `3 days`, `a few weeks ago`, `since Tuesday`, `for months`, `last year`."""
    found: list[Lapse] = []
    at = 0
    while at < len(tokens):
        lapse = _counted(tokens, at, spoken) or _named(tokens, at, spoken)
        if lapse is None:
            at += 1
            continue
        found.append(lapse)
        at = max(lapse.end, at + 1)
    return found


def _counted(tokens: Sequence[Token], at: int, spoken: Spoken) -> Lapse | None:
    number = number_at(tokens, at, spoken)
    behind, amount = number if number is not None else (at, 0.0)
    # `half a day` counts the days; in `c5/6 a month ago` the figure counts something else.
    between = BETWEEN if tokens[at].word[0].isdigit() else (*BETWEEN, "a", "an")
    while number is not None and behind < len(tokens) and tokens[behind].word in between:
        behind += 1
        second = number_at(tokens, behind, spoken)
        behind, amount = second if second is not None else (behind, amount)
    unit = spoken.units.get(behind)
    if unit is None:
        return None
    end, unit_days = unit
    if number is None:
        singular = tokens[at].word == tokens[at].stem or tokens[max(at - 1, 0)].word in ("a", "an", "one")
        amount = 1.0 if singular else 3.0
    ago = end in spoken.ago
    lasting = _after_onset(tokens, at, spoken)
    return Lapse(at, spoken.ago.get(end, end), amount * unit_days, unit_days, ago and not lasting, lasting)


def _named(tokens: Sequence[Token], at: int, spoken: Spoken) -> Lapse | None:
    when = spoken.whens.get(at)
    if when is None:
        return None
    lasting = _after_onset(tokens, at, spoken)
    return Lapse(at, when[0], when[1], when[1], not lasting, lasting)


def _after_onset(tokens: Sequence[Token], at: int, spoken: Spoken) -> bool:
    """True when a word such as `since`, `for` or `started` stands up to four words before, in the same part."""
    part = tokens[at].part
    return any(back in spoken.onset and tokens[back].part == part for back in range(max(0, at - 4), at))


def ages_past(tokens: Sequence[Token], spoken: Spoken, led: frozenset[int], behind_ages: frozenset[int]) -> list[Lapse]:
    """Return the lapse since an age long past: `tore it at 17, I am 50 now`.

    `led` are the tokens that a word such as `I am` leads to, `behind_ages` those where words such as `year old` begin.
    """
    ages = [n[1] for at in sorted(led) if (n := number_at(tokens, at, spoken)) is not None and n[0] not in spoken.units]
    ages += [n[1] for at in range(len(tokens)) if (n := number_at(tokens, at, spoken)) and n[0] in behind_ages]
    now = max((age for age in ages if age <= OLDEST), default=0.0)
    found: list[Lapse] = []
    for at in range(1, len(tokens)):
        number = number_at(tokens, at, spoken)
        if number is None or tokens[at - 1].word not in ("at", "aged"):
            continue
        end, then = number
        closed = end == len(tokens) or tokens[end].part != tokens[at].part or tokens[end].word in AFTER_AGE
        if closed and YOUNGEST_TOLD <= then <= now - YEARS_BETWEEN:
            found.append(Lapse(at - 1, end, (now - then) * 365.0, 365.0, ago=True))
    return found


def years_named(tokens: Sequence[Token]) -> list[int]:
    """Return the tokens that are a calendar year after a word such as `in`."""
    return [
        at
        for at, token in enumerate(tokens)
        if len(token.word) == 4
        and token.word.isdecimal()
        and "1920" <= token.word <= "2099"
        and at
        and tokens[at - 1].word in ("in", "back", "of", "year", "around", "circa", "during")
    ]


def severities(tokens: Sequence[Token], text: str, spoken: Spoken) -> list[tuple[int, int]]:
    """Return (token, severity 0 to 10) for `8/10`, `8 out of ten`, `pain level 7`, `7-8/10` (the higher)."""
    found: list[tuple[int, int]] = []
    for at in range(len(tokens)):
        value = _rated(tokens, at, text, spoken)
        if value is not None and 0 <= value <= 10:
            found.append((at, round(value)))
    return found


def _rated(tokens: Sequence[Token], at: int, text: str, spoken: Spoken) -> float | None:
    number = number_at(tokens, at, spoken)
    if number is None:
        return None
    behind, value = number
    if (
        behind < len(tokens)
        and _is_ten(tokens, behind, spoken)
        and "/" in text[tokens[behind - 1].end : tokens[behind].start]
    ):
        return value
    words = tuple(token.word for token in tokens[behind : behind + 2])
    if words == ("out", "of") and _is_ten(tokens, behind + 2, spoken):
        return value
    before = at - 1
    while before >= 0 and tokens[before].word in ("is", "of", "a", "an", "about", "at", "around", "like", "was", "now"):
        before -= 1
    if before < 0 or before not in spoken.rating or tokens[before].part != tokens[at].part:
        return None
    return None if behind in spoken.units or behind in spoken.ago else value


def _is_ten(tokens: Sequence[Token], at: int, spoken: Spoken) -> bool:
    number = number_at(tokens, at, spoken)
    return number is not None and number[1] == 10


def measures(tokens: Sequence[Token], text: str, spoken: Spoken) -> list[tuple[str, float, int, int]]:
    """Return (measure, value, first token, token behind): systolic and diastolic mmHg, celsius, fahrenheit."""
    found: list[tuple[str, float, int, int]] = []
    for at, token in enumerate(tokens):
        if not token.word[0].isdigit():
            continue
        value = float(token.word) if token.word.replace(".", "", 1).isdecimal() else 0.0
        lower = _lower_pressure(tokens, at, text)
        said = any(back in spoken.pressure for back in range(max(0, at - 5), at))
        if 70 <= value <= 300 and (said or (lower is not None and value >= 100 and 50 <= lower <= 160)):
            found.append(("systolic", value, at, at + 1))
            if lower is not None:
                found.append(("diastolic", lower, at, at + 1))
        near = range(max(0, at - 5), min(len(tokens), at + 4))
        if any(back in spoken.temperature for back in near):
            if 34 <= value <= 43:
                found.append(("celsius", value, at, at + 1))
            elif 95 <= value <= 110:
                found.append(("fahrenheit", value, at, at + 1))
    return found


def _lower_pressure(tokens: Sequence[Token], at: int, text: str) -> float | None:
    following = at + 1
    if following < len(tokens) and tokens[following].word in ("over", "on"):
        following += 1
    elif following < len(tokens) and "/" not in text[tokens[at].end : tokens[following].start]:
        return None
    if following >= len(tokens) or not tokens[following].word.isdecimal():
        return None
    return float(tokens[following].word)
