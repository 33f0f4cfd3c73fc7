"""Reads answered from pages of a list: always what Stripe has, and never many more requests than one for each object."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_resources._core.sweep import ADVANCE, FEW, FRESH_SECONDS, PAGE, Alone, Page, Sweep

Live = dict[str, Any]


@dataclass
class Account:
    """Objects in the order in which they were made, and what is asked about them."""

    objects: list[Live]
    unlisted: frozenset[str] = frozenset()
    now: float = 1000.0
    alone: int = 0
    pages: int = 0
    sweep: Sweep = field(init=False)

    def __post_init__(self) -> None:
        self.sweep = Sweep(lambda live: bool(live["ours"]))

    def get(self, id_: str) -> Live | None:
        self.alone += 1
        return next((o for o in self.objects if o["id"] == id_), None)

    def page(self, page: Page) -> tuple[list[Live], bool] | None:
        """Newest first; None where there is no such object to begin at."""
        self.pages += 1
        listed = [o for o in self.objects if o["id"] not in self.unlisted]
        at = next((i for i, o in enumerate(listed) if o["id"] == page.cursor), None)
        if at is None:
            return None
        found = listed[at + 1 : at + 1 + PAGE] if page.newer else listed[max(0, at - PAGE) : at]
        return found[::-1], len(listed) > at + 1 + PAGE if page.newer else at > PAGE

    def read(self, id_: str, created: int) -> Live | None:
        """As `Reads.live` does it."""
        self.sweep.wish(id_)
        while True:
            step = self.sweep.find(id_, created, self.now)
            if isinstance(step, Page):
                answer = self.page(step)
                if answer is None:
                    self.sweep.refused()
                else:
                    self.sweep.turned(step, *answer, id_, self.now)
            elif isinstance(step, Alone):
                live = self.get(id_)
                self.sweep.saw(live, self.now, self.sweep.left)
                return live
            else:
                return dict(step)

    @property
    def requests(self) -> int:
        return self.alone + self.pages


def account(*owned: bool, per_second: int = 1) -> Account:
    return Account([{"id": f"o{i}", "created": 100 + i // per_second, "ours": ours} for i, ours in enumerate(owned)])


def read_all(account: Account, objects: list[Live]) -> None:
    for o in objects:
        assert account.read(o["id"], o["created"]) == o


def test_few_objects_are_read_one_by_one() -> None:
    found = account(*[True] * FEW)
    read_all(found, found.objects)
    assert (found.alone, found.pages) == (FEW, 0)


@pytest.mark.parametrize("count", [50, 100, 1000, 5000])
@pytest.mark.parametrize("order", [1, -1], ids=["oldest first", "newest first"])
@pytest.mark.parametrize("per_second", [1, 25, 1000])
def test_many_objects_take_a_request_for_each_hundred(count: int, order: int, per_second: int) -> None:
    found = account(*[True] * count, per_second=per_second)
    read_all(found, found.objects[::order])
    assert found.requests <= count / PAGE + FEW + 4


def test_in_any_order_they_take_a_fraction_of_the_requests() -> None:
    found = account(*[True] * 1000)
    read_all(found, random.Random(1).sample(found.objects, 1000))
    assert found.requests < 150


def test_stacks_that_grew_between_other_peoples_objects() -> None:
    found = account(*([False] * 3000 + [True] * 300) * 3, *[False] * 3000)
    read_all(found, [o for o in found.objects if o["ours"]])
    assert found.requests < 60


@pytest.mark.parametrize("every", [100, 1000])
def test_an_account_full_of_other_peoples_objects_is_not_listed(every: int) -> None:
    found = account(*(i % every == 0 for i in range(20 * every)))
    read_all(found, [o for o in found.objects if o["ours"]])
    assert found.requests <= 20 + ADVANCE


def test_what_is_not_listed_is_read_by_itself_and_looked_for_on_no_page() -> None:
    found = account(*[True] * 400)
    found.unlisted = frozenset(f"o{i}" for i in range(150, 250))
    read_all(found, found.objects)
    assert found.alone <= FEW + 101
    assert found.pages <= 5


def test_what_is_gone_is_found_to_be_gone() -> None:
    found = account(*[True] * 300)
    gone = found.objects.pop(200)
    read_all(found, found.objects)
    before = found.pages
    assert found.read(gone["id"], gone["created"]) is None
    assert found.pages == before


def test_a_page_is_not_trusted_for_long() -> None:
    found = account(*[True] * 100)
    read_all(found, found.objects)
    found.objects[50] = {**found.objects[50], "nickname": "new"}
    found.now += FRESH_SECONDS + 1
    assert found.read("o50", 150) == found.objects[50]


def test_a_page_is_not_trusted_after_a_change() -> None:
    found = account(*[True] * 100)
    read_all(found, found.objects)
    found.objects[50] = {**found.objects[50], "nickname": "new"}
    found.sweep.forget()
    assert found.read("o50", 150) == found.objects[50]


@settings(deadline=None)
@given(
    size=st.integers(1, 400),
    density=st.sampled_from([1, 2, 10, 60]),
    per_second=st.sampled_from([1, 10, 500]),
    in_order=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_whatever_the_account_holds_reads_are_right_and_cost_little(
    size: int, density: int, per_second: int, in_order: bool, seed: int
) -> None:
    chance = random.Random(seed)
    found = account(*(chance.randrange(density) == 0 for _ in range(size)), per_second=per_second)
    found.unlisted = frozenset(o["id"] for o in found.objects if chance.randrange(20) == 0)
    asked = [o for o in found.objects if o["ours"]]
    if not in_order:
        chance.shuffle(asked)
    for o in asked:
        event = chance.randrange(30)
        if event == 0:
            found.now += chance.choice([1, FRESH_SECONDS / 2, FRESH_SECONDS + 1])
        elif event == 1 and found.objects:  # this process deletes something
            found.objects.remove(chance.choice(found.objects))
            found.sweep.forget()
        live = next((x for x in found.objects if x["id"] == o["id"]), None)
        assert found.read(o["id"], o["created"]) == live
    assert found.requests <= len(asked) + ADVANCE


def test_what_was_read_before_the_list_was_left_does_not_lead_back_to_it() -> None:
    sweep = Sweep(lambda live: False)
    for i in range(FEW + 1):
        sweep.wish(str(i))
    before, now = sweep.left, FRESH_SECONDS + 1
    sweep.saw({"id": "theirs", "created": 1}, now, before)
    sweep.lost()
    sweep.saw({"id": "late", "created": 1}, now, before)
    assert sweep.find("ours", 5, now) is Alone.FIRST
    sweep.saw({"id": "ours", "created": 5}, now, sweep.left)
    assert sweep.find("next", 5, now) == Page(True, "ours")
