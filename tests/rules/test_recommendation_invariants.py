from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api.rules.preparation import Prepared
from schemas.findings import Finding
from schemas.recommendations import Recommendation
from schemas.vocabulary import Disposition
from tests.rules.making import STOPPING, answer, finding, ids, reading, sore

LEAVES = ("mid_back", "low_back", "neck", "knee", "wrist", "heel_arch", "glute", "shoulder")
names = st.sampled_from(["osteoporosis", "hypertension", "sciatica", "pregnancy", "carpal_tunnel", "falls_risk"])
causes = st.sampled_from(["rowing", "running", "desk_posture", "lifting"])


@settings(deadline=None, max_examples=60)
@given(
    region=st.sampled_from(LEAVES),
    conditions=st.lists(names, max_size=3, unique=True),
    why=st.lists(causes, max_size=3, unique=True),
    things=st.lists(st.sampled_from(["chair", "mat", "towel", "band"]), max_size=4, unique=True),
    order=st.randoms(use_true_random=False),
)
def test_order_never_changes_the_answer(
    shipped: Prepared, region: str, conditions: list[str], why: list[str], things: list[str], order: Any
) -> None:
    def asked(known: Sequence[str], reasons: Sequence[str], equipment: Sequence[str]) -> Recommendation:
        found: list[Finding] = [finding("region", region)]
        found += [finding("condition", name) for name in known] + [finding("cause", name) for name in reasons]
        return answer(shipped, reading(*found), limit=20, equipment=list(equipment))

    def shuffled(items: list[str]) -> list[str]:
        return list(order.sample(items, len(items)))

    first = asked(conditions, why, things)
    second = asked(shuffled(conditions), shuffled(why), shuffled(things))
    assert first.model_copy(update={"understood": second.understood}) == second
    for offer in first.exercises:
        assert set(offer.exercise.equipment) <= set(things)


@settings(deadline=None, max_examples=60)
@given(
    region=st.sampled_from(LEAVES),
    conditions=st.lists(names, max_size=2, unique=True),
    extra=names,
    disposition=st.sampled_from(list(Disposition)),
    severity=st.one_of(st.none(), st.integers(0, 10)),
    minutes=st.integers(1, 30),
)
def test_what_always_holds(
    shipped: Prepared,
    region: str,
    conditions: list[str],
    extra: str,
    disposition: Disposition,
    severity: int | None,
    minutes: int,
) -> None:
    got = answer(shipped, sore(region, *conditions, severity=severity), disposition, limit=20, max_minutes=minutes)
    assert got.exercises == [] or disposition not in STOPPING
    assert got.routine.minutes <= minutes
    assert len(set(ids(got))) == len(got.exercises) <= 20
    assert [offer.rank for offer in got.exercises] == list(range(1, len(got.exercises) + 1))
    forbidden = {each.exercise_id for each in got.excluded}
    assert not forbidden & set(ids(got))
    more = answer(shipped, sore(region, *conditions, extra, severity=severity), disposition, limit=20)
    still_out = {each.exercise_id for each in more.excluded}
    assert forbidden <= still_out or len(more.excluded) < more.excluded_count
