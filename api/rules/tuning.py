"""The numbers and sentences that the recommendation rules take from the catalogue, checked once per release."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from schemas.catalog import Tuning
from schemas.vocabulary import Kind, Space


@dataclass(frozen=True, slots=True)
class Numbers:
    """Thresholds and weights by name; each is a key of `[values]` in tuning.toml, where its meaning is written."""

    weight_region: float
    weight_muscle: float
    weight_cause: float
    weight_symptom: float
    weight_condition: float
    weight_caution: float
    weight_level: float
    weight_equipment: float
    weight_position: float
    weight_irritability: float
    weight_imported: float
    weight_helped: float
    weight_too_much: float
    variety_family: float
    variety_twin: float
    variety_region: float
    variety_most: float
    variant_step: float
    region_fit_least: float
    region_breadth: float
    parent_share: float
    cause_share: float
    caution_most: float
    strong_pain_from: float
    severe_pain_from: float
    irritable_from: float
    unknown_condition_level: float
    older_adult_from: float
    pregnancy_t2_from: float
    pregnancy_t3_from: float
    pregnancy_weeks: float
    trimester_weeks: float
    postpartum_until: float
    gentle_factor: float
    green_pain_most: float
    amber_pain_most: float
    morning_rise: float
    weekly_rise: float
    weekly_rise_before: float
    worse_since_rise: float
    rises_together_days: float
    helped_change: float
    helped_sessions: float
    greens_to_rise: float
    effort_most: float
    completion_least: float
    cut_factor: float
    hold_step: float
    hold_most: float
    hold_most_older: float
    held_repetitions_most: float
    repetitions_most: float
    times_per_day_most: float
    loaded_rise_days: float
    loaded_rise_most: float
    missed_days: float
    restart_days: float
    reds_to_suspend: float
    reds_to_stop: float
    stop_days: float
    history_days: float
    told_days: float
    review_from_weeks: float
    review_unchanged_weeks: float
    meaningful_points: float
    meaningful_share: float
    course_days: float
    baseline_moderate_from: float
    baseline_severe_from: float
    meaningful_mild: float
    meaningful_moderate: float
    meaningful_severe: float
    steady_share: float
    psfs_change: float
    peg_change_share: float
    peg_change_least: float
    effect_sessions: float
    effect_share: float
    quiet_days: float
    adherence_least: float
    adherence_days_least: float
    rise_days: float
    routine_minutes: float
    routine_transition_seconds: float
    routine_side_seconds: float
    program_item_hours_most: float
    program_day_hours_most: float
    program_days_before_most: float
    program_days_ahead_most: float
    breathing_most: float
    fallback_most: float
    excluded_most: float


@dataclass(frozen=True, slots=True)
class Tables:
    """Leanings: how readily a kind is offered, how well it suits strong pain, how easily a place is at hand."""

    kind: Mapping[Kind, float]
    irritable: Mapping[Kind, float]
    space: Mapping[Space, float]


PROGRESSION_TEXTS = tuple(
    f"progression_{rule}"
    for rule in (
        "amber",
        "clearance_required",
        "cleared",
        "effort_unknown",
        "first_session",
        "green",
        "greens",
        "hurt",
        "hurt_twice",
        "loaded_once_a_week",
        "missed_a_week",
        "missed_two_weeks",
        "morning_unknown",
        "not_easy_enough",
        "pain_unknown",
        "red_after",
        "red_during",
        "red_elsewhere",
        "red_next_morning",
        "red_twice",
        "rising_held",
        "rising_weekly",
        "spread_down",
        "top_of_dose",
        "toward_spine",
        "worse_since_rise",
    )
)
"""What is said for each rule of progression."""

REQUIRED_TEXTS = (
    "caution_clearance",
    "cue_one_side",
    "disclaimer",
    "dose_days",
    "dose_green_only",
    "dose_hold",
    "dose_minutes",
    "dose_one_side",
    "dose_painful_side_only",
    "dose_repeat",
    "dose_sets",
    "dose_sides_start",
    "education_clearance",
    "education_no_region",
    "education_nothing_left",
    "education_review_unchanged",
    "education_review_worse",
    "education_severity",
    "education_unknown_condition",
    "excluded_equipment",
    "excluded_level",
    "excluded_position",
    "excluded_retired",
    "excluded_see_clinician",
    "excluded_spread_down",
    "excluded_suspended",
    "excluded_unknown_level",
    *PROGRESSION_TEXTS,
    "program_gap",
    "program_gap_answer",
    "progression_stopped",
    "reason_cause",
    "reason_condition",
    "reason_fallback",
    "reason_helped",
    "reason_irritable",
    "reason_override",
    "reason_region",
    "reason_region_by_cause",
    "reason_symptom",
    "reason_too_much",
    "safety_net",
    "severe_first",
    "unsettled",
    "unsettled_answer_first",
)


def numbers_of(tuning: Tuning) -> Numbers:
    """Return the numbers; raises ValueError that names every value and text which is missing."""
    names = [field.name for field in fields(Numbers)]
    missing = sorted({*names} - {*tuning.values}) + sorted({*REQUIRED_TEXTS} - {*tuning.texts})
    if missing:
        raise ValueError(f"tuning: missing {', '.join(missing)}")
    return Numbers(**{name: tuning.values[name] for name in names})


def tables_of(tuning: Tuning) -> Tables:
    """Return the leanings; a kind or a place that is not named leans neither way."""
    return Tables(
        kind={kind: tuning.values.get(f"kind_{kind}", 0.0) for kind in Kind},
        irritable={kind: tuning.values.get(f"irritable_{kind}", 0.0) for kind in Kind},
        space={space: tuning.values.get(f"space_{space}", 0.0) for space in Space},
    )
