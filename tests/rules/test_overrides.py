"""What an override can and cannot do to a judgement, and what clearance does to a dose, over the shipped catalogue."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from api.rules.overrides import NEVER, by_exercise, effective, never_overridden, softened
from api.rules.preparation import Prepared, prepare
from api.rules.progression import Past
from api.rules.recommendation import recommend
from schemas.audit import ActorKind
from schemas.catalog import ReleaseStamp
from schemas.overrides import Override, OverrideActor, OverrideReason
from schemas.progression import DoseChange
from schemas.recommendations import RecommendationQuestion
from schemas.vocabulary import Verdict
from tests.rules.asking import ask
from tests.rules.asking import shipped as whole
from tests.rules.sessions import days

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def override(exercise_id: str, conditions: list[str], number: int = 1) -> Override:
    return Override(
        id=UUID(int=number),
        person_id=UUID(int=1),
        exercise_id=exercise_id,
        conditions=conditions,
        reason=OverrideReason.EXAMINED,
        until=NOW + timedelta(days=30),
        created_at=NOW,
        created_by=OverrideActor(kind=ActorKind.MEMBER, id=UUID(int=2)),
    )


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_it_softens_the_named_forbids_and_no_other(data: st.DataObject, shipped: Prepared) -> None:
    rulebook, rules = shipped.rulebook, shipped.rules
    exercise = data.draw(st.sampled_from(sorted(shipped.cards)))
    gates = [gate.id for gate in rules.tuning.gates]
    has = data.draw(st.lists(st.sampled_from([*sorted(rules.conditions), *gates]), min_size=1, max_size=4, unique=True))
    named = data.draw(st.lists(st.sampled_from(sorted(rules.conditions)), min_size=1, max_size=3, unique=True))
    allowed = override(exercise, named)
    before = rulebook.judge(exercise, rulebook.united(has))
    after = softened(before, [allowed], rulebook, rules)
    opened = {*rulebook.united(named)} - {key for key in rulebook.united(named) if rules.conditions[key].level in NEVER}
    still = {hit.rule for hit in before.of(Verdict.FORBID)} - opened
    assert {hit.rule for hit in after.of(Verdict.FORBID)} == still
    assert {(hit.rule, hit.property) for hit in after.hits} == {(hit.rule, hit.property) for hit in before.hits}
    if before.verdict is not Verdict.FORBID:
        assert after == before
        assert effective(exercise, rulebook.united(has), by_exercise([allowed]), rulebook) is None


def test_what_is_an_emergency_or_urgent_is_never_overridden(shipped: Prepared) -> None:
    urgent = [key for key, condition in shipped.rules.conditions.items() if condition.level in NEVER]
    assert {"dvt", "cerv_myelopathy"} <= {*urgent}
    assert never_overridden([*urgent, "osteoporosis"], shipped.rulebook, shipped.rules) == urgent
    for key in urgent:
        for exercise in shipped.cards:
            before = shipped.rulebook.judge(exercise, [key])
            assert softened(before, [override(exercise, [key])], shipped.rulebook, shipped.rules) == before


def test_the_newest_of_several_is_named(shipped: Prepared) -> None:
    both = [override("childs-pose", ["osteoporosis"]), override("childs-pose", ["osteoporosis"], 2)]
    found = effective("childs-pose", ["osteoporosis"], by_exercise(both), shipped.rulebook)
    assert found == both[1]
    assert effective("childs-pose", ["disc_acute"], by_exercise(both), shipped.rulebook) is None
    assert effective("cat-cow", ["osteoporosis"], by_exercise(both), shipped.rulebook) is None


def test_no_dose_rises_with_a_condition_that_needs_clearance() -> None:
    shipped = prepare(whole().catalog, whole().rules)
    conditions = [key for key, each in shipped.rules.conditions.items() if each.clearance_required]
    assert conditions
    logs = [
        each
        for name in ("standing-mid-back-reach", "cat-cow", "diaphragmatic-breathing")
        if name in shipped.cards
        for each in days(*[None] * 9, name=name)
    ]
    past = Past(logs, max(each.started_at for each in logs) + timedelta(days=1))
    stamp = ReleaseStamp(catalog="1", ruleset="1")
    for condition, cleared in [(None, False), *((key, cleared) for key in conditions for cleared in (False, True))]:
        heard = ask(conditions=[] if condition is None else [condition], pain_areas=[{"region": "mid_back"}])
        question = RecommendationQuestion(
            conditions=[] if condition is None else [condition],
            pain_areas=[{"region": "mid_back"}],
            screening={"cleared": cleared},
            limit=20,
        )
        answer = recommend(question, heard.reading, heard.assessment, shipped, stamp, past)
        risen = [offer for offer in answer.exercises if offer.progression and offer.progression.steps_up]
        assert bool(risen) == (condition is None), condition
        told = {offer.progression.change for offer in answer.exercises if offer.progression}
        assert condition is None or told <= {DoseChange.HOLD, DoseChange.RESTART}
