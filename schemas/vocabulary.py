"""The few sets that code branches on. Everything else (regions, causes, conditions ...) is data."""

from enum import StrEnum
from typing import Final


class Disposition(StrEnum):
    """What a triage allows, most urgent first. Source: decisions on the safety of the recommendation."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    SEE_CLINICIAN = "see_clinician"
    ANSWER_FIRST = "answer_first"
    CAUTION = "caution"
    SELF_CARE = "self_care"


STOPPING: Final = frozenset({Disposition.EMERGENCY, Disposition.URGENT})
"""The dispositions that stop every exercise, and put a person on hold."""

OPEN_TO_EXERCISE: Final = frozenset({Disposition.CAUTION, Disposition.SELF_CARE})
"""The dispositions with which a person may exercise."""


class FlagLevel(StrEnum):
    """How soon a red flag needs a professional: now, the same day, before exercising, or an answer first."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    SEE_CLINICIAN = "see_clinician"
    ANSWER_FIRST = "answer_first"


class Action(StrEnum):
    """What the person is asked to do."""

    CALL_EMERGENCY = "call_emergency"
    SAME_DAY_CARE = "same_day_care"
    MATERNITY_UNIT = "maternity_unit"
    CRISIS_LINE = "crisis_line"
    ABUSE_SUPPORT = "abuse_support"
    BOOK_CLINICIAN = "book_clinician"
    ANSWER_QUESTIONS = "answer_questions"
    SELF_CARE = "self_care"


class Side(StrEnum):
    """The side of the body."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"
    MIDLINE = "midline"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """The kind of exercise."""

    STATIC_STRETCH = "static_stretch"
    DYNAMIC = "dynamic"
    MOBILITY = "mobility"
    ISOMETRIC = "isometric"
    STRENGTH = "strength"
    ECCENTRIC = "eccentric"
    PNF = "pnf"
    PASSIVE = "passive"
    SELF_MASSAGE = "self_massage"
    NERVE_SLIDER = "nerve_slider"
    NERVE_TENSIONER = "nerve_tensioner"
    BREATHING = "breathing"


class Position(StrEnum):
    """The position an exercise is done in; `unstated` where the source of an imported one does not say it."""

    STANDING = "standing"
    SEATED = "seated"
    SUPINE = "supine"
    PRONE = "prone"
    SIDE_LYING = "side_lying"
    QUADRUPED = "quadruped"
    KNEELING = "kneeling"
    HALF_KNEELING = "half_kneeling"
    LONG_SIT = "long_sit"
    HANGING = "hanging"
    SQUAT = "squat"
    WALKING = "walking"
    UNSTATED = "unstated"


class Space(StrEnum):
    """The place an exercise needs; walls and doorways are places, not equipment. `unstated` as for positions."""

    SPOT = "spot"
    FLOOR = "floor"
    WALL = "wall"
    DOORWAY = "doorway"
    CORNER = "corner"
    ROOM = "room"
    UNSTATED = "unstated"


class Verdict(StrEnum):
    """What a condition says of an exercise; forbid beats caution beats favour."""

    FORBID = "forbid"
    CAUTION = "caution"
    FAVOUR = "favour"
    NEUTRAL = "neutral"


class Evidence(StrEnum):
    """The grade of evidence behind an exercise or a rule."""

    SYSTEMATIC_REVIEW = "systematic_review"
    TRIAL = "trial"
    GUIDELINE = "guideline"
    EXPERT_OPINION = "expert_opinion"
    IMPORTED = "imported"


class Audience(StrEnum):
    """For whom a dose is meant."""

    GENERAL = "general"
    OLDER_ADULT = "older_adult"
    IRRITABLE = "irritable"


class Difficulty(StrEnum):
    """How an exercise felt."""

    TOO_EASY = "too_easy"
    RIGHT = "right"
    TOO_HARD = "too_hard"


class Spread(StrEnum):
    """Where the symptoms moved during a session."""

    NONE = "none"
    TOWARD_SPINE = "toward_spine"
    DOWN_LIMB = "down_limb"


class Status(StrEnum):
    """How a finding was said: only `present`, and `past` when recent, count against safety."""

    PRESENT = "present"
    UNCERTAIN = "uncertain"
    DENIED = "denied"
    PAST = "past"
    OTHER_PERSON = "other_person"
    FIGURATIVE = "figurative"
    HYPOTHETICAL = "hypothetical"
