"""Why this exercise, or why not: where one exercise stands in the answer to a question."""

from api.rules.preparation import Prepared
from api.rules.progression import Past
from api.rules.recommendation import judged_alone, let_in, recommend
from schemas.catalog import ReleaseStamp
from schemas.explanations import Explanation, Standing
from schemas.findings import Assessment, Reading
from schemas.recommendations import ExcludedExercise, RecommendationQuestion, RecommendedExercise

LONGEST = 20
"""The most exercises of one answer."""


def explain(
    question: RecommendationQuestion,
    exercise_id: str,
    reading: Reading,
    assessment: Assessment,
    prepared: Prepared,
    stamp: ReleaseStamp,
    past: Past | None = None,
) -> Explanation:
    """Return where a known exercise stands; raises KeyError for an unknown one."""
    card, texts = prepared.cards[exercise_id], prepared.rules.tuning.texts
    longest = question.model_copy(update={"limit": LONGEST})
    answer = recommend(longest, reading, assessment, prepared, stamp, past)
    offer = next((offer for offer in answer.exercises if offer.exercise.id == exercise_id), None)
    excluded = None if offer else judged_alone(longest, reading, assessment, prepared, exercise_id, past)
    regions = {region.region for region in answer.understood.regions}
    standing = _standing(
        question, offer, excluded, allowed=bool(answer.exercises), meant=bool(regions & card.brief.regions.keys())
    )
    override = let_in(question, reading, prepared, exercise_id, past)
    left_out = excluded if standing is Standing.LEFT_OUT else None
    facts = {"name": card.definition.name, "rank": offer.rank if offer else 0, "limit": question.limit}
    sentence = left_out.reason if left_out else texts[f"explain_{standing}"].format(**facts)
    return Explanation(
        exercise=card.brief,
        standing=standing,
        rank=offer.rank if offer else None,
        explanation=sentence,
        reasons=offer.reasons if offer else [],
        cautions=offer.cautions if offer else [],
        excluded=left_out,
        override=None if left_out or standing is Standing.STOPPED else override,
        triage=answer.triage,
        release=answer.release,
        disclaimer=answer.disclaimer,
    )


def _standing(
    question: RecommendationQuestion,
    offer: RecommendedExercise | None,
    excluded: ExcludedExercise | None,
    allowed: bool,
    meant: bool,
) -> Standing:
    if offer is not None:
        return Standing.OFFERED if offer.rank <= question.limit else Standing.RANKED_LOWER
    if excluded is not None:
        return Standing.LEFT_OUT
    if not allowed:
        return Standing.STOPPED
    return Standing.RANKED_LOWER if meant else Standing.ELSEWHERE
