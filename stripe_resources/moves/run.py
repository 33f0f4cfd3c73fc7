"""Moves the subscriptions that no stack declares from a price to the one that replaces it.

Stripe's list of a price's subscriptions is the record of what is left to do: a run that dies is taken up by the next one. Each
subscription is looked at again right before it is moved, and left alone where it is not what the list showed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from stripe_client.client import Client
from stripe_client.errors import Refused, StripeError
from stripe_client.subscriptions import OVER

from . import rules as moves

AT_ONCE = 8
"""So many subscriptions are moved at the same time, all of them below the client's rate."""

SHOWN = 20
"""So many ids are named, one by one."""

ATTEMPTS = 3
"""How often a move is tried under another idempotency key, where Stripe repeats a failure of its own under the first."""

_STEP = 25


@dataclass
class Migration:
    """From the price `old` to the price `new`. `title` begins every line that is said, such as `Price "tokens"`."""

    client: Client
    old: str
    new: str
    title: str
    say: Callable[[str], None]
    _left: dict[str, list[str]] = field(default_factory=dict)
    _moved: int = 0

    def run(self) -> None:
        """Moves all that can be moved, and says what became of the others; done when Stripe lists none that it has not seen.

        Raises StripeError where Stripe fails, or forbids what is needed: what was moved until then stays moved.
        """
        seen: set[str] = set()
        while plan := self._plan(seen):
            self._tell(f"moving {counted(len(plan))} from {self.old} to {self.new}")
            self._carry_out(plan)
        self._report()

    @cached_property
    def _successor(self) -> Mapping[str, Any]:
        return self.client.get(f"/v1/prices/{self.new}", {"expand": ["currency_options"]})

    def _plan(self, seen: set[str]) -> dict[str, dict[str, Any]]:
        """What is to be moved, by id, with what it must not have changed in until then. All that is listed is added to `seen`."""
        plan: dict[str, dict[str, Any]] = {}
        for subscription in subscribers(self.client, self.old):
            id_ = str(subscription["id"])
            if id_ in seen:
                continue
            seen.add(id_)
            if reason := moves.obstacle(subscription, self.old, self._successor):
                self._leave(id_, reason)
            else:
                plan[id_] = moves.watched(subscription)
        return plan

    def _carry_out(self, plan: Mapping[str, Mapping[str, Any]]) -> None:
        step, done = max(_STEP, len(plan) // 20), 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                for id_, reason in zip(plan, pool.map(self._move, plan, plan.values()), strict=True):
                    if reason:
                        self._leave(id_, reason)
                    else:
                        self._moved += 1
                    done += 1
                    if done % step == 0 and done < len(plan):
                        self._tell(f"{done} of {counted(len(plan))} done")
            except StripeError:
                self._tell(f"stopped after {done} of {counted(len(plan))}; the next `pulumi up` goes on with the others")
                raise
            finally:
                pool.shutdown(cancel_futures=True)

    def _move(self, id_: str, expected: Mapping[str, Any]) -> str:
        """Moves one subscription; why it was left alone, or ""."""
        path = f"/v1/subscriptions/{id_}"
        after = ""
        for _ in range(ATTEMPTS):
            try:
                found = self.client.get(path)
            except Refused as e:
                if e.missing:
                    return "it is gone"
                raise
            if differences := moves.changed(expected, moves.watched(found)):
                return f"changed meanwhile: {', '.join(differences)}"
            params = moves.move(found, self.old, self.new)
            try:
                answer = self.client.post(path, params, moves.key(id_, params, after))
            except Refused as e:
                if e.replayed and e.status >= 500:  # an old failure, which may have come after the work was done
                    if moves.moved(self.client.get(path), params):
                        return ""
                    after += "!"
                    continue
                if e.status in (400, 402, 404):
                    return f"Stripe refused: {e.said}"
                raise
            # What is repeated is the answer to an earlier request: what it tells may not hold any more.
            now = self.client.get(path) if answer.replayed else answer.body
            return "" if moves.moved(now, params) else "moved, and changed again by somebody else"
        raise StripeError(f"{id_} could not be moved: Stripe repeats a failure of its own; try again tomorrow")

    # -- what is said

    def _leave(self, id_: str, reason: str) -> None:
        self._left.setdefault(reason, []).append(id_)

    def _report(self) -> None:
        if self._moved:
            self._tell(f"{counted(self._moved)} moved to {self.new}")
        for reason, ids in self._left.items():
            self._tell(f"{counted(len(ids))} left on {self.old}, {reason}: {named(ids)}")

    def _tell(self, text: str) -> None:
        self.say(f"{self.title}: {text}")


def subscribers(client: Client, price: str) -> Iterator[Mapping[str, Any]]:
    """The subscriptions that have a price and are not over, newest first; a list request for each hundred."""
    try:
        for page in client.pages("/v1/subscriptions", {"price": price}):
            yield from (s for s in page if s["status"] not in OVER)
    except Refused as e:
        if e.code != "resource_missing" or e.param != "price":
            raise  # else the price is gone, and nobody has it


def counted(number: int) -> str:
    """So many subscriptions, in words."""
    return f"{number} subscription{'' if number == 1 else 's'}"


def named(ids: Iterable[str]) -> str:
    """The ids, the first of them one by one."""
    listed = list(ids)
    more = len(listed) - SHOWN
    return ", ".join(listed[:SHOWN]) + (f" and {more} more" if more > 0 else "")
