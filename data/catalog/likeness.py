"""Exercises that say the same as others: the same summary, the same cue, or nearly the same text."""

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Final

from data.catalog.remarks import Remark
from schemas.exercises import ExerciseDefinition

SHINGLE: Final = 5
"""Words of a shingle: shorter runs stand in any two exercises of one position, longer ones miss a light rewrite."""
ALIKE: Final = 0.4
"""Share of common shingles from which two texts tell the same exercise; independent texts stay far below 0.1."""

Said = tuple[str, Remark]
_WORDS: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def likenesses(exercises: Mapping[str, ExerciseDefinition]) -> Iterator[Said]:
    """Yield the id of an exercise and a remark, for each that repeats another; of two, the later id is told."""
    ordered = [exercises[identity] for identity in sorted(exercises)]
    yield from _same_summaries(ordered)
    yield from _same_cues(ordered)
    yield from _near_duplicates(ordered)


def _same_summaries(exercises: list[ExerciseDefinition]) -> Iterator[Said]:
    first: dict[str, str] = {}
    for exercise in exercises:
        other = first.setdefault(_plain(exercise.summary), exercise.id)
        if other != exercise.id:
            yield exercise.id, Remark("summary", f"it is that of {other}; say what this one is")


def _same_cues(exercises: list[ExerciseDefinition]) -> Iterator[Said]:
    first: dict[str, str] = {}
    for exercise in exercises:
        for cue in exercise.cues:
            other = first.setdefault(_plain(cue), exercise.id)
            if other != exercise.id:
                text = f"{cue!r} stands word for word in {other}; say what helps in this very exercise"
                yield exercise.id, Remark("cues", text, cue)


def _near_duplicates(exercises: list[ExerciseDefinition]) -> Iterator[Said]:
    texts = {exercise.id: _shingles(exercise) for exercise in exercises}
    for one, two in combinations(exercises, 2):
        shared = _jaccard(texts[one.id], texts[two.id])
        if shared >= ALIKE and not _variants(one, two):
            text = f"{shared:.0%} of the text is that of {one.id}; tell them apart, or link them as easier and harder"
            yield two.id, Remark("steps", text)


def _variants(one: ExerciseDefinition, two: ExerciseDefinition) -> bool:
    return two.id in (*one.easier, *one.harder) or one.id in (*two.easier, *two.harder)


def _jaccard(one: frozenset[str], two: frozenset[str]) -> float:
    common = len(one & two)
    return common / (len(one) + len(two) - common) if common else 0.0


def _shingles(exercise: ExerciseDefinition) -> frozenset[str]:
    told = [exercise.setup, *exercise.steps, *exercise.cues, *exercise.mistakes, exercise.feel]
    words = _plain(" ".join(told)).split()
    return frozenset(" ".join(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1))


def _plain(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold()))
