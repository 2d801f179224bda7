"""Texts that say no more than where it hurts, since when, and what the person has: `low back pain, diabetic, 54`.

Every word of such a text was understood, and a risk alone is no sign of danger: the rules judge it, and nothing more is
heard in it.
"""

from typing import Final

from api.rules.hearing import Heard

PLAIN_KINDS: Final = frozenset(("region", "vague_region", "condition", "cause", "goal"))
PLAIN_QUALITIES: Final = frozenset(("ache", "stiff", "tight", "dull", "tender"))
RISKS: Final = frozenset(
    (
        *("fragile_bones", "steroid_use", "blood_thinner", "diabetes_sign", "cancer_history", "clot_risk"),
        *("prosthetic_joint", "bisphosphonate", "smoker", "over_55_said", "gestation", "new_pain", "diabetic_foot"),
        *("muscle_pain", "calf_pain", "arm_jaw_ache", "headache", "scalp_tender", "buttock_swaps", "tendon_pain"),
    )
)
"""Signs that are risks or places, which a rule takes for a danger only beside other signs."""

CHILDREN: Final = ("child", "school_year")
SMALL_SETS: Final = ("@hurt", "small_word")


def is_bare(heard: Heard) -> bool:
    """True when every word is part of a place, ordinary quality, condition, risk, cause or amount, or a small one."""
    scene, covered = heard.scene, list(heard.scene.skippable)
    if any(scene.spans(name) for name in CHILDREN):
        return False
    for told in heard.told:
        if not _plain(told.meaning.kind, told.meaning.id):
            return False
        covered[told.mention.start : told.mention.end] = [True] * (told.mention.end - told.mention.start)
    for name in SMALL_SETS:
        for start, end in scene.spans(name):
            covered[start:end] = [True] * (end - start)
    spoken = heard.spoken
    for table in (spoken.numbers, spoken.units, spoken.whens):
        for start, (end, _) in table.items():
            covered[start:end] = [True] * (end - start)
    return bool(heard.tokens) and all(
        known or token.word.isdecimal() for known, token in zip(covered, heard.tokens, strict=True)
    )


def _plain(kind: str, name: str) -> bool:
    if kind == "quality":
        return name in PLAIN_QUALITIES
    return kind in PLAIN_KINDS or (kind == "sign" and name in RISKS)
