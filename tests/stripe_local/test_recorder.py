"""What is kept of requests: the last ones, and no more than fits."""

from __future__ import annotations

from stripe_local.serving import recorder
from stripe_local.serving.recorder import Entry, Recorder


def begin(of: Recorder) -> Entry:
    return of.begin("GET", "/v1/account", "req_1", None, "")


def numbers(of: Recorder) -> list[int]:
    return [entry["number"] for entry in of.since(0)]


def test_the_oldest_make_room_for_what_is_large() -> None:
    kept = Recorder()
    for _ in range(4):
        kept.weigh(begin(kept), recorder.MOST_BYTES // 4)
    kept.weigh(begin(kept), 0)
    assert numbers(kept) == [1, 2, 3, 4, 5]
    kept.weigh(begin(kept), recorder.MOST_BYTES // 4 + 1)
    assert numbers(kept) == [3, 4, 5, 6]
    kept.weigh(begin(kept), recorder.MOST_BYTES * 2)
    assert numbers(kept) == [7], "the last one stays, whatever it is"
    kept.weigh(begin(kept), 1)
    assert numbers(kept) == [8]


def test_what_is_forgotten_already_takes_no_room() -> None:
    kept = Recorder()
    early = begin(kept)
    kept.clear()
    kept.weigh(early, recorder.MOST_BYTES)
    begin(kept)
    kept.weigh(early, recorder.MOST_BYTES)
    for _ in range(4):
        kept.weigh(begin(kept), recorder.MOST_BYTES // 4)
    assert numbers(kept) == [2, 3, 4, 5, 6]


def test_there_are_at_most_100_000() -> None:
    kept = Recorder()
    for _ in range(recorder.CAPACITY + 5):
        begin(kept)
    found = numbers(kept)
    assert (len(found), found[0]) == (100_000, 6)
