"""The store of cached answers: bounded, and hard to flush."""

from api.answer_store import MOST_ALIASES, Answer, AnswerStore, RawKey


def kept(number: int, size: int = 10_000) -> tuple[Answer, RawKey]:
    key = ("/exercises", (("q", str(number)),), "en", "identity")
    return Answer(key, b"", (), (), b"x" * size), ("/exercises", str(number).encode(), None, None)


def test_a_flood_of_new_queries_leaves_what_is_asked_for_again() -> None:
    store = AnswerStore(1 << 20)
    hot = [kept(number) for number in range(40)]
    for answer, raw in hot:
        store.put(answer, raw)
        store.ready[raw].used = True
    for number in range(1000, 6000):
        answer, raw = kept(number)
        store.put(answer, raw)
        assert store.size <= 1 << 20
        for _, name in hot if number % 200 == 0 else []:
            if name in store.ready:
                store.ready[name].used = True
    assert all(raw in store.ready for _, raw in hot)


def test_the_store_stays_within_its_bytes_and_forgets_names_with_answers() -> None:
    store = AnswerStore(1 << 20)
    for number in range(3000):
        answer, raw = kept(number, size=500 + number % 5000)
        store.put(answer, raw)
        if number % 3 == 0:
            store.ready[raw].used = True
        assert store.size <= 1 << 20
    assert set(store.ready.values()) == {store.ready[raw] for raw in store.ready}
    assert len(store.ready) == len(store)
    too_large, raw = kept(9999, size=600_000)
    store.put(too_large, raw)
    assert raw not in store.ready


def test_an_answer_has_few_names() -> None:
    store = AnswerStore(1 << 20)
    answer, raw = kept(1)
    store.put(answer, raw)
    for number in range(100):
        assert store.find(answer.key, ("/exercises", b"1", str(number).encode(), None)) is answer
    assert len(store.ready) == MOST_ALIASES


def test_what_returns_soon_after_it_was_dropped_stays() -> None:
    store = AnswerStore(1 << 20)
    answer, raw = kept(1)
    store.put(answer, raw)
    for number in range(100, 200):
        store.put(*kept(number))
    assert raw not in store.ready
    store.put(*kept(1))
    for number in range(200, 300):
        store.put(*kept(number))
    assert raw in store.ready
