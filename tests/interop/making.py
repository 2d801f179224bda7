"""Exercises of every shape, and made-up records of another database."""

from datetime import date
from typing import Any, Final

from hypothesis import strategies as st

from schemas.exercises import ContraindicationNote, DeviceMapping, Dose, ExerciseDefinition, Muscles
from schemas.vocabulary import Audience, Evidence, Kind, Position, Space

MOST: Final = 50
TERMS: Final = ("mid_back", "neck", "l-flex-end", "osteoporosis", "chair", "a1")
SLUGS: Final = ("own-a", "own-b-2", "wall-lean", "0")
AWKWARD: Final = (
    "=1+1",
    "+1",
    "-1",
    "@a",
    "'",
    "''=",
    "'a",
    "\ta",
    "\ra",
    "\r\n",
    "|",
    " | ",
    "\\",
    "\\|",
    '"',
    ", ;",
    " ",
)


def record(id_: str, **said: Any) -> dict[str, Any]:
    """A made-up record in the shape of free-exercise-db; its fields are those of a held stretch unless said."""
    plain = {
        "name": id_.replace("_", " "),
        "force": "static",
        "level": "beginner",
        "mechanic": None,
        "equipment": "body only",
        "primaryMuscles": ["hamstrings"],
        "secondaryMuscles": [],
        "instructions": ["Bend a little until you feel a pull.", "Hold it."],
        "category": "stretching",
        "images": [f"{id_}/0.jpg"],
        "id": id_,
    }
    return {**plain, **said}


def texts(most: int, least: int = 0) -> st.SearchStrategy[str]:
    characters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\t\n\r")
    free = st.text(characters, min_size=least, max_size=min(most, 40))
    return free | st.sampled_from(AWKWARD).filter(lambda text: least <= len(text) <= most)


def _some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, max_size=4)


TERM_LISTS: Final = _some(st.sampled_from(TERMS))


@st.composite
def doses(draw: st.DrawFn) -> Dose:
    def bounds() -> tuple[int, int]:
        low, high = sorted(draw(st.tuples(st.integers(0, 7200), st.integers(0, 7200))))
        return low, high

    def perhaps() -> tuple[int, int] | None:
        return bounds() if draw(st.booleans()) else None

    return Dose(
        hold_seconds=perhaps(),
        repetitions=bounds(),
        duration_seconds=perhaps(),
        repetition_seconds=draw(st.integers(1, 60)),
        sets=bounds(),
        rest_seconds=draw(st.integers(0, 600)),
        times_per_day=bounds(),
        days_per_week=bounds(),
        per_side=draw(st.booleans()),
    )


WORDS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "name": texts(80, 1),
    "aliases": _some(texts(80, 1)),
    "lay_words": _some(texts(120, 1)),
    "summary": texts(40).map(lambda text: text + "twenty signs at least"),
    "setup": texts(500),
    "steps": st.lists(texts(1200, 1), min_size=1, max_size=4),
    "cues": _some(texts(400, 1)),
    "mistakes": _some(texts(400, 1)),
    "feel": texts(400),
    "breathing": texts(300),
    "movements": _some(texts(80, 1)),
    "source": texts(300, 1),
    "reviewed_by": texts(120),
    "reviewed_text": texts(64),
    "licence": texts(40),
}
TERM: Final = st.sampled_from(TERMS)
DAY: Final = st.dates(date(1900, 1, 1), date(2199, 12, 31))
OTHERS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "stop_if": st.lists(TERM, min_size=1, max_size=3),
    "kind": st.sampled_from(Kind),
    "regions": st.dictionaries(TERM, st.floats(0, 1, exclude_min=True), min_size=1),
    "muscles": st.builds(Muscles, primary=st.lists(TERM, min_size=1, max_size=3), secondary=TERM_LISTS),
    "position": st.sampled_from(Position),
    "equipment": TERM_LISTS,
    "equipment_optional": TERM_LISTS,
    "space": st.sampled_from(Space),
    "level": st.integers(1, 3),
    "easier": _some(st.sampled_from(SLUGS)),
    "harder": _some(st.sampled_from(SLUGS)),
    "properties": TERM_LISTS,
    "properties_known": st.booleans(),
    "causes": TERM_LISTS,
    "symptoms": TERM_LISTS,
    "cautioned_with": TERM_LISTS,
    "evidence": st.sampled_from(Evidence),
    "reviewed_on": st.none() | DAY,
    "device": st.none() | st.builds(DeviceMapping, healthkit=TERM, health_connect_segment=TERM),
    "revised_on": DAY,
}


@st.composite
def definitions(draw: st.DrawFn, id_: str) -> ExerciseDefinition:
    fields = draw(st.fixed_dictionaries({**WORDS, **OTHERS}))
    forbidden = draw(TERM_LISTS)
    if forbidden:
        note = st.builds(ContraindicationNote, code=st.sampled_from(forbidden), text=texts(400, 1))
        fields["contraindication_notes"] = draw(_some(note))
    else:
        fields["conditions"] = draw(TERM_LISTS)
    audiences = {Audience.GENERAL, *draw(st.sets(st.sampled_from(Audience)))}
    fields["dosage"] = {audience: draw(doses()) for audience in sorted(audiences)}
    return ExerciseDefinition(id=id_, contraindicated_with=forbidden, **fields)


def several() -> st.SearchStrategy[list[ExerciseDefinition]]:
    return st.lists(st.sampled_from(SLUGS), unique=True, max_size=len(SLUGS)).flatmap(
        lambda ids: st.tuples(*(definitions(id_) for id_ in ids)).map(list)
    )


def plain(id_: str = "own-reach", **said: Any) -> ExerciseDefinition:
    """A short exercise that the real catalogue takes."""
    fields: dict[str, Any] = {
        "id": id_,
        "name": "Reach",
        "summary": "A short reach for the middle of the back.",
        "steps": ["Reach forward.", "Hold it."],
        "stop_if": ["sharp_pain"],
        "kind": "static_stretch",
        "regions": {"mid_back": 1.0, "neck": 0.5},
        "muscles": {"primary": ["rhomboids"]},
        "position": "standing",
        "space": "spot",
        "level": 1,
        "dosage": {"general": {"hold_seconds": (10, 20), "repetitions": (3, 5)}},
        "evidence": "expert_opinion",
        "source": "Usual practice",
        "revised_on": date(2026, 11, 22),
    }
    return ExerciseDefinition.model_validate({**fields, **said})
