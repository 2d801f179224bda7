"""The whole answer: triage first, then the exercises that nothing speaks against, ranked, dosed and put in order."""

from collections.abc import Iterable
from dataclasses import replace

from api.rules import reviews, triage_answers
from api.rules.contraindications import Judgement
from api.rules.dosage import DoseFactors, first_dose, prescribe
from api.rules.dose_standing import NO_HISTORY, History
from api.rules.holds import after_reds
from api.rules.needs import Need, need_of
from api.rules.overrides import by_exercise, effective
from api.rules.preparation import Prepared
from api.rules.progression import Bounds, Dosed, Past, history_of, told
from api.rules.ranking import Scored, rank, score
from api.rules.reasons import cautions_for, reasons_for
from api.rules.routine import Prescribed, plan
from api.rules.selection import Allowance, Selection, allowance_of, select
from schemas.catalog import ReleaseStamp, RuleSet
from schemas.findings import Assessment, Reading
from schemas.overrides import Override
from schemas.recommendations import (
    ExcludedExercise,
    Reason,
    Recommendation,
    RecommendationQuestion,
    RecommendedExercise,
    Routine,
    ScorePart,
    TriageAnswer,
    TriageQuestion,
    Understood,
)
from schemas.vocabulary import Disposition

FALLBACK = "fallback"


def recommend(
    question: RecommendationQuestion,
    reading: Reading,
    assessment: Assessment,
    prepared: Prepared,
    stamp: ReleaseStamp,
    past: Past | None = None,
) -> Recommendation:
    """Return the whole answer to a question that was read and assessed.

    Exercises only as far as the disposition allows: none at emergency, urgent and answer_first, breathing at most at
    see_clinician; none when no region was understood. `past` are the sessions of a known person.
    """
    rules = prepared.rules
    need = _need(question, reading, prepared, past)
    assessment, allowance = _allowed(question, assessment, need, rules)
    selection = _selection(need, allowance, prepared)
    chosen = _chosen(selection, need, question.limit, allowance, prepared)
    fallback = not chosen and allowance.exercises and bool(need.regions)
    if fallback:
        selection, chosen = _fallback(selection, need, allowance, prepared)
    exercises = _offered(chosen, selection, need, fallback, prepared)
    return Recommendation(
        id=None,
        triage=triage_answers.triage_of(assessment, rules),
        screening=triage_answers.screening_of(assessment, rules),
        understood=triage_answers.understood(reading, need),
        exercises=exercises,
        excluded=list(selection.excluded[: round(prepared.numbers.excluded_most)]),
        excluded_count=len(selection.excluded),
        routine=_routine(exercises, question.max_minutes, need, prepared),
        education=_education(assessment, need, allowance, fallback, past, prepared),
        safety_net=rules.tuning.texts["safety_net"],
        release=stamp,
        disclaimer=triage_answers.disclaimer_of(rules),
    )


def judged_alone(
    question: RecommendationQuestion,
    reading: Reading,
    assessment: Assessment,
    prepared: Prepared,
    exercise_id: str,
    past: Past | None = None,
) -> ExcludedExercise | None:
    """Return why an exercise is left out, whatever regions it serves; None when nothing is offered, or it may be."""
    need = _need(question, reading, prepared, past)
    _, allowance = _allowed(question, assessment, need, prepared.rules)
    if not allowance.exercises:
        return None
    return next(iter(selected([exercise_id], need, allowance, prepared).excluded), None)


def let_in(
    question: RecommendationQuestion, reading: Reading, prepared: Prepared, exercise_id: str, past: Past | None
) -> Override | None:
    """Return the override without which a rule would forbid the exercise, whatever else is said of it; None without."""
    need = _need(question, reading, prepared, past)
    return effective(exercise_id, need.rules, need.overrides, prepared.rulebook)


def triage_answer(
    question: TriageQuestion, reading: Reading, assessment: Assessment, prepared: Prepared, stamp: ReleaseStamp
) -> TriageAnswer:
    """Return the triage alone, with what was understood and what is still to be asked."""
    return TriageAnswer(
        triage=triage_answers.triage_of(assessment, prepared.rules),
        screening=triage_answers.screening_of(assessment, prepared.rules),
        understood=understood(question, reading, prepared),
        safety_net=prepared.rules.tuning.texts["safety_net"],
        release=stamp,
        disclaimer=triage_answers.disclaimer_of(prepared.rules),
    )


def understood(question: TriageQuestion, reading: Reading, prepared: Prepared) -> Understood:
    """Return what was understood, each with where it was said; never the words themselves."""
    return triage_answers.understood(reading, _need(question, reading, prepared))


def _need(question: TriageQuestion, reading: Reading, prepared: Prepared, past: Past | None = None) -> Need:
    need = need_of(question, reading, prepared.catalog, prepared.rules, prepared.rulebook, prepared.numbers)
    if past is None:
        return need
    history = _history(past, need, question.screening.cleared, prepared)
    return replace(need, history=history, overrides=by_exercise(past.overrides))


def _allowed(
    question: TriageQuestion, assessment: Assessment, need: Need, rules: RuleSet
) -> tuple[Assessment, Allowance]:
    assessment = after_reds(assessment, stopped=need.history.stopped, rules=rules)
    return assessment, allowance_of(assessment, need, question.screening.cleared, rules)


def _history(past: Past, need: Need, cleared: bool, prepared: Prepared) -> History:
    if not past.logs:
        return NO_HISTORY
    bounds = bounds_of(need, prepared)
    return history_of(past, doses_done(past, need.age, prepared), bounds, cleared, prepared.numbers)


def doses_done(past: Past, age: int | None, prepared: Prepared) -> dict[str, Dosed]:
    """Return the exercises of the release that were done, with what a person of that age begins with."""
    done = {entry.exercise_id for log in past.logs for entry in log.exercises} & prepared.cards.keys()
    definitions = {key: prepared.cards[key].definition for key in sorted(done)}
    return {
        key: Dosed(each, first_dose(each, age, prepared.numbers), prepared.rulebook.traits(key).regions)
        for key, each in definitions.items()
    }


def bounds_of(need: Need, prepared: Prepared) -> Bounds:
    """Return what the person's conditions and age leave open to a dose."""
    conditions = [prepared.rulebook.conditions[key] for key in need.conditions]
    return Bounds(
        may_rise=not need.unready and not any(condition.clearance_required for condition in conditions),
        green_only=any(condition.green_only for condition in conditions),
        older=need.age is not None and need.age >= prepared.numbers.older_adult_from,
    )


def _selection(need: Need, allowance: Allowance, prepared: Prepared) -> Selection:
    if not allowance.exercises:
        return Selection({}, ())
    fits: dict[str, float] = {}
    for region, asked in need.regions.items():
        for key, weight in prepared.by_region.get(region, ()):
            fits[key] = max(fits.get(key, 0.0), asked * weight)
    strongest = max(need.regions.values(), default=1.0)
    serving = [key for key, fit in fits.items() if fit >= prepared.numbers.region_fit_least * strongest]
    return selected(sorted(serving, key=lambda key: (-fits[key], key)), need, allowance, prepared)


def selected(candidates: Iterable[str], need: Need, allowance: Allowance, prepared: Prepared) -> Selection:
    """Return which of the exercises the person may do, and why the others not."""
    return select(
        candidates,
        prepared.cards,
        need,
        allowance,
        prepared.rulebook,
        prepared.catalog,
        prepared.rules,
        prepared.numbers,
    )


def _chosen(selection: Selection, need: Need, limit: int, allowance: Allowance, prepared: Prepared) -> list[Scored]:
    profiles = {key: prepared.cards[key].profile for key in selection.permitted}
    scored = [
        score(profiles[key], need, judgement, prepared.numbers, prepared.tables)
        for key, judgement in selection.permitted.items()
    ]
    if allowance.breathing_only:
        limit = min(limit, round(prepared.numbers.breathing_most))
    return rank(scored, profiles, need, limit, prepared.numbers)


def _fallback(
    selection: Selection, need: Need, allowance: Allowance, prepared: Prepared
) -> tuple[Selection, list[Scored]]:
    general = selected(prepared.general, need, allowance, prepared)
    kept = Selection(general.permitted, selection.excluded)
    return kept, _chosen(kept, need, round(prepared.numbers.fallback_most), allowance, prepared)


def _offered(
    chosen: Iterable[Scored], selection: Selection, need: Need, fallback: bool, prepared: Prepared
) -> list[RecommendedExercise]:
    factors = DoseFactors(
        age=need.age,
        severity=need.severity,
        unknown_condition=need.unknown_condition,
        conditions=tuple(prepared.rulebook.conditions[key] for key in need.conditions),
        sides=need.sides,
        history=need.history,
    )
    return [
        _offer(place, scored, selection.permitted[scored.id], need, factors, fallback, prepared)
        for place, scored in enumerate(chosen, start=1)
    ]


def _offer(
    place: int,
    scored: Scored,
    judgement: Judgement,
    need: Need,
    factors: DoseFactors,
    fallback: bool,
    prepared: Prepared,
) -> RecommendedExercise:
    card, rules = prepared.cards[scored.id], prepared.rules
    irritable = any(name == "irritability" and value > 0 for name, value in scored.parts)
    override = effective(scored.id, need.rules, need.overrides, prepared.rulebook)
    reasons = reasons_for(card, need, judgement, irritable, override, prepared.numbers, prepared.catalog, rules)
    if fallback:
        reasons.insert(0, Reason(code=FALLBACK, text=rules.tuning.texts["reason_fallback"]))
    return RecommendedExercise(
        rank=place,
        score=scored.score,
        score_parts=[ScorePart(part=name, value=value) for name, value in scored.parts],
        exercise=card.brief,
        reasons=reasons,
        dosage=prescribe(card.definition, factors, prepared.numbers, rules.tuning.texts),
        cautions=cautions_for(judgement, prepared.rulebook.conditions),
        stop_if=list(card.stop_if),
        progression=told(scored.id, need.history, rules.tuning.texts),
        override=override,
    )


def _routine(
    exercises: Iterable[RecommendedExercise], max_minutes: int | None, need: Need, prepared: Prepared
) -> Routine:
    steps = [Prescribed(prepared.cards[offer.exercise.id].definition, offer.dosage) for offer in exercises]
    if not steps:
        return Routine(minutes=0, items=[])
    gentle = bool(need.rules) or (need.severity or 0) >= prepared.numbers.irritable_from
    return plan(steps, max_minutes, gentle, prepared.numbers, prepared.rules.tuning.texts)


def _education(
    assessment: Assessment, need: Need, allowance: Allowance, fallback: bool, past: Past | None, prepared: Prepared
) -> list[str]:
    texts = prepared.rules.tuning.texts
    if assessment.disposition in {Disposition.EMERGENCY, Disposition.URGENT}:
        return []
    names = [
        ("education_no_region", not need.regions and allowance.exercises),
        ("education_nothing_left", fallback and not allowance.breathing_only),
        ("education_clearance", bool(need.unready)),
        ("education_unknown_condition", need.unknown_condition),
        ("education_severity", (need.severity or 0) >= prepared.numbers.strong_pain_from),
        (f"education_{assessment.disposition}", True),
    ]
    said = [texts[name] for name, applies in names if applies and name in texts]
    review = None if past is None else reviews.review_of(past, need.regions, prepared.numbers)
    return [*reviews.told(review, prepared.numbers, texts), *said]
