"""The hits in order: the best stay, those like them follow, and what merely has a word of the search comes last."""

from api.rules.search_order import FIRST, KEPT, in_order, kinship

SIZE = 40


def alike_of(*groups: list[int]) -> list[tuple[str, list[tuple[int, float]]]]:
    return [("regions", [(number, 1.0) for number in group]) for group in groups]


def test_exercises_are_alike_that_share_a_term() -> None:
    kin = kinship(SIZE, alike_of([0, 1, 2], [3, 4]))
    like = kin.likeness([(0, 5.0)])
    assert like[1] == like[2] > 0.9
    assert like[3] == like[4] == 0.0


def test_a_rare_term_makes_more_alike_than_a_common_one() -> None:
    kin = kinship(SIZE, alike_of([0, 1], [0, 2, 3, 4, 5, 6, 7, 8]))
    like = kin.likeness([(0, 1.0)])
    assert like[1] > like[2] > 0


def test_what_most_have_and_what_is_no_reason_makes_nothing_alike() -> None:
    everything = [(number, 1.0) for number in range(SIZE)]
    kin = kinship(SIZE, [("regions", everything), ("equipment", [(0, 1.0), (1, 1.0)])])
    assert kin.likeness([(0, 1.0)]) == [0.0] * SIZE


def test_the_leading_hits_stay_and_those_like_them_pass_others() -> None:
    leading = list(range(KEPT))
    kin = kinship(SIZE, alike_of([*leading, 9]))
    scores = [0.0] * SIZE
    for number, score in ((0, 10.0), (1, 9.0), (2, 8.0), (7, 5.0), (9, 4.0)):
        scores[number] = score
    hits = in_order(scores, [1.0] * SIZE, 0.5, kin)
    assert [number for number, _ in hits] == [0, 1, 2, 9, 7]
    assert list(hits) == sorted(hits, key=lambda hit: (-hit[1], hit[0]))


def test_a_low_score_is_a_hit_only_among_the_first() -> None:
    scores = [10.0] * FIRST + [0.5] * (SIZE - FIRST)
    kin = kinship(SIZE, [])
    assert len(in_order(scores, [1.0] * SIZE, 0.5, kin)) == FIRST
    few = [10.0, 0.5, *[0.0] * (SIZE - 2)]
    assert [number for number, _ in in_order(few, [1.0] * SIZE, 0.5, kin)] == [0, 1]


def test_what_is_not_covered_enough_is_no_hit() -> None:
    kin = kinship(2, [])
    assert in_order([3.0, 4.0], [1.0, 0.1], 0.5, kin) == ((0, 3.0),)
    assert in_order([0.0, 0.0], [1.0, 1.0], 0.5, kin) == ()


def test_ties_are_broken_by_number() -> None:
    kin = kinship(3, [])
    assert [number for number, _ in in_order([1.0, 2.0, 2.0], [1.0] * 3, 0.0, kin)] == [1, 2, 0]
