"""Who the patient is: age, pregnancy, weeks after birth, and whether somebody speaks for another person."""

from dataclasses import dataclass

from api.rules.gestation import dated, to_come, told_alone
from api.rules.hearing import Heard
from api.rules.quantities import number_at
from schemas.findings import PersonFacts
from schemas.recommendations import PersonContext
from schemas.vocabulary import Status

OLDEST = 120
DAYS_A_WEEK = 7.0
DAYS_A_YEAR = 365.0
GROWN = 16
YOUNGEST_ALONE = 11
BIRTH_WITHIN = 4
LEAST_BY_BIRTH = 5


@dataclass(frozen=True, slots=True)
class Described:
    """What a text tells of the patient; None means it does not say."""

    age: int | None = None
    pregnant: bool | None = None
    pregnancy_weeks: int | None = None
    postpartum_weeks: int | None = None
    subject: str = "self"
    child: bool = False
    at_school: bool = False


def describe(heard: Heard, this_year: float) -> Described:
    """Return what the text tells of the patient; years of birth are counted to `this_year`."""
    scene = heard.scene
    kin = scene.spans("kin") + scene.spans("patient_word")
    other = bool(scene.spans("patient_word")) or (bool(scene.spans("kin_subject")) and not scene.kin_are_others)
    pregnant, weeks = _pregnancy(heard)
    at_school = bool(scene.spans("school_year"))
    child = at_school or (bool(scene.spans("child")) and not scene.kin_are_others)
    named = frozenset(start for start, _ in kin) - frozenset(start for start, _ in scene.spans("age_after"))
    age = _age(heard, named)
    return Described(
        age=_age_by_birth(heard, int(this_year)) if age is None else age,
        pregnant=pregnant,
        pregnancy_weeks=weeks,
        postpartum_weeks=_postpartum(heard),
        subject="other" if other or child else "self",
        child=child,
        at_school=at_school,
    )


def person_facts(person: PersonContext, described: Described) -> PersonFacts:
    """Return the facts of the fields, completed by those of the text."""
    weeks = person.pregnancy_weeks if person.pregnancy_weeks is not None else described.pregnancy_weeks
    pregnant = person.pregnant if person.pregnant is not None else described.pregnant
    if pregnant is None and weeks is not None:
        pregnant = True
    return PersonFacts(
        age=person.age if person.age is not None else described.age,
        pregnant=pregnant,
        pregnancy_weeks=weeks if pregnant else None,
        postpartum_weeks=(
            person.postpartum_weeks if person.postpartum_weeks is not None else described.postpartum_weeks
        ),
        subject=described.subject,
        child_by_words=person.age is None and not described.at_school and _young(described),
    )


def _young(described: Described) -> bool:
    return described.child or (described.age is not None and described.age < GROWN)


def _age(heard: Heard, kin: frozenset[int]) -> int | None:
    tokens, scene = heard.tokens, heard.scene
    ages: list[int] = []
    then: list[int] = []
    for at in range(len(tokens)):
        number = number_at(tokens, at, heard.spoken)
        if number is None or (at and number_at(tokens, at - 1, heard.spoken) == number):
            continue
        age = _age_at(heard, at, number[0], number[1])
        nearby = any(back in kin for back in range(max(0, at - 3), min(len(tokens), at + 4)))
        nearby = nearby or (at > 0 and scene.overlaps("owned", at - 1, at))
        if age is None or not 0 <= age <= OLDEST or (scene.kin_are_others and nearby):
            continue
        told_of = then if any(start == number[0] for start, _ in scene.spans("age_then")) else ages
        told_of.append(age)
    return next(iter([*ages, *then]), None)


def _age_by_birth(heard: Heard, this_year: int) -> int | None:
    """Return the age told by a year of birth, in case of doubt still a child; an infant's tells of its mother."""
    for _, behind in heard.scene.spans("birth_before"):
        for at in range(behind, min(behind + BIRTH_WITHIN, len(heard.tokens))):
            number = number_at(heard.tokens, at, heard.spoken)
            age = None if number is None else this_year - number[1]
            if age is not None and LEAST_BY_BIRTH <= age <= OLDEST and age == int(age):
                return int(age) - (1 if age == GROWN else 0)
    return None


def _age_at(heard: Heard, at: int, behind: int, value: float) -> int | None:
    scene = heard.scene
    if value != int(value) or scene.overlaps("school_year", at, behind):
        return None
    if any(start == behind for start, _ in scene.spans("age_after")):
        when = any(start == behind for start, _ in scene.spans("age_of_the_past"))
        return None if when else int(value)
    if any(start == behind for start, _ in scene.spans("age_months_after")):
        return 0
    if any(end == at for _, end in scene.spans("age_of_the_past")):
        return None
    if _in_years(heard, at, behind) and value >= GROWN:
        return int(value)
    followed = behind in heard.spoken.units or scene.overlaps("not_an_age", behind, behind + 1)
    if followed or scene.overlaps("not_an_age", at, at + 1):
        return None
    alone = tokens_alone(heard, at, behind) and (at == 0 or value >= GROWN or _teens(heard, at, behind, value))
    if (alone or any(end == at for _, end in scene.spans("age_before"))) and value >= 5:
        return int(value)
    lettered = scene.overlaps("sex_letter", behind, behind + 1) or (at > 0 and scene.overlaps("sex_letter", at - 1, at))
    return int(value) if lettered and 5 <= value <= OLDEST else None


def _teens(heard: Heard, at: int, behind: int, value: float) -> bool:
    """True for `sore jaw, 15, new braces`, not for one of several numbers in a row."""
    tokens, spoken = heard.tokens, heard.spoken
    beside = number_at(tokens, behind, spoken) is not None or any(
        number is not None and number[0] == at for number in (number_at(tokens, at - back, spoken) for back in (1, 2))
    )
    return value >= YOUNGEST_ALONE and not beside


def _in_years(heard: Heard, at: int, behind: int) -> bool:
    """True for `I am 66 years` and for `81 years` in a part of its own; `for 30 years` is no age."""
    unit = heard.spoken.units.get(behind)
    if unit is None or unit[1] != DAYS_A_YEAR or unit[0] in heard.spoken.ago:
        return False
    led = any(end == at for _, end in heard.scene.spans("age_before"))
    return led or (at > 0 and tokens_alone(heard, at, unit[0]))


def tokens_alone(heard: Heard, at: int, behind: int) -> bool:
    """True when tokens [at, behind) are a part of their own (`34, sore knee`) or open the text: `61 and stiff`."""
    tokens = heard.tokens
    before = at == 0 or tokens[at - 1].part != tokens[at].part
    after = behind == len(tokens) or tokens[behind].part != tokens[behind - 1].part
    if at == 0 and behind in heard.scene.listing:
        after = number_at(tokens, behind + 1, heard.spoken) is None
    return before and after and (at > 0 or behind < len(tokens))


def _pregnancy(heard: Heard) -> tuple[bool | None, int | None]:
    told = [t for t in heard.told if t.meaning.kind == "condition" and t.meaning.id.startswith("pregnancy")]
    present = [t for t in told if t.manner.status in (Status.PRESENT, Status.UNCERTAIN)]
    if present:
        return True, _weeks(heard, present[0].mention.start)
    if any(t.manner.status is Status.DENIED for t in told):
        return False, None
    if any(t.manner.status in (Status.OTHER_PERSON, Status.HYPOTHETICAL) for t in told) or _has_given_birth(heard):
        return None, None
    weeks = told_alone(heard)
    return (None, None) if weeks is None else (True, weeks)


def _has_given_birth(heard: Heard) -> bool:
    return any(t.meaning.id == "postpartum" and t.manner.status is Status.PRESENT for t in heard.told)


def _weeks(heard: Heard, near: int) -> int | None:
    """The weeks of pregnancy: the nearest counted weeks or months that are neither ago, nor since, nor to come."""
    written = sorted((abs(at - near), week) for at, week in dated(heard))
    left = to_come(heard)
    if written or left:
        return written[0][1] if written else left[0][1]
    before = {end + skipped for _, end in heard.scene.spans("still_to_come") for skipped in (0, 1)}
    amounts = [
        (abs(lapse.start - near), lapse.days)
        for lapse in heard.times.lapses
        if not lapse.ago and not lapse.lasting and lapse.unit_days in (7.0, 30.0) and lapse.days <= 300
        if lapse.start not in before and lapse.end > lapse.start + 1
    ]
    weeks = {round(days / DAYS_A_WEEK) for _, days in sorted(amounts)[:1]}
    return weeks.pop() if weeks else None


def _postpartum(heard: Heard) -> int | None:
    spans = [
        t.mention
        for t in heard.told
        if t.meaning.kind == "condition" and t.meaning.id == "postpartum" and t.manner.status is Status.PRESENT
    ]
    for mention in spans:
        part = heard.tokens[mention.start].sentence
        near = [lapse for lapse in heard.times.lapses if heard.tokens[lapse.start].sentence == part]
        closest = sorted((abs(lapse.start - mention.start), lapse.days) for lapse in near if not lapse.lasting)
        if closest and closest[0][1] < 730:
            return int(closest[0][1] // DAYS_A_WEEK)
    return None
