"""Moves the subscriptions that no stack declares from a price to the one that replaces it.

Stripe's list of a price's subscriptions is the record of what is left to do: a run that dies is taken up by the next one. Each
subscription is looked at again right before it is moved, and judged as it is then.
"""

from __future__ import annotations

import threading
import weakref
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

_turns: weakref.WeakValueDictionary[str, threading.Lock] = weakref.WeakValueDictionary()
_turns_lock = threading.Lock()


@dataclass
class Migration:
    """From the price `old` to the price `new`. `title` begins every line that is said, such as `Price "tokens"`."""

    client: Client
    old: str
    new: str
    title: str
    say: Callable[[str], None]
    _left: dict[str, str] = field(default_factory=dict)
    _moved: int = 0

    def run(self) -> None:
        """Moves all that can be moved; done when Stripe lists none that it has not seen.

        Raises StripeError where somebody stays, where Stripe fails, or forbids what is needed: what was moved until then stays
        moved.
        """
        seen: set[str] = set()
        while plan := self._plan(seen):
            self._tell(f"moving {counted(len(plan))} from {self.old} to {self.new}")
            self._carry_out(plan)
        if self._moved:
            self._tell(f"{counted(self._moved)} moved to {self.new}")
        if self._left:
            still = {str(s["id"]) for s in subscribers(self.client, self.old)}
            if staying := {id_: reason for id_, reason in self._left.items() if id_ in still}:
                raise StripeError(stays(self.old, staying))

    @cached_property
    def _successor(self) -> Mapping[str, Any]:
        return self.client.get(f"/v1/prices/{self.new}", {"expand": ["currency_options"]})

    def _plan(self, seen: set[str]) -> list[str]:
        """The ids of what is to be moved. All that is listed is added to `seen`."""
        plan: list[str] = []
        for subscription in subscribers(self.client, self.old):
            id_ = str(subscription["id"])
            if id_ in seen:
                continue
            seen.add(id_)
            if reason := moves.obstacle(subscription, self.old, self._successor):
                self._left[id_] = reason
            else:
                plan.append(id_)
        return plan

    def _carry_out(self, plan: list[str]) -> None:
        step, done = max(_STEP, len(plan) // 20), 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                for id_, reason in zip(plan, pool.map(self._move, plan), strict=True):
                    if reason:
                        self._left[id_] = reason
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

    def _move(self, id_: str) -> str:
        """Moves one subscription; why it was left alone, or "". Another price's migration may want to move it too: after this."""
        with _turn(id_):
            return self._move_now(id_)

    def _move_now(self, id_: str) -> str:
        path = f"/v1/subscriptions/{id_}"
        after = ""
        for _ in range(ATTEMPTS):
            try:
                found = self.client.get(path)
            except Refused as e:
                if e.missing:
                    return "it is gone"
                raise
            if reason := moves.obstacle(found, self.old, self._successor):
                return reason
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

    def _tell(self, text: str) -> None:
        self.say(f"{self.title}: {text}")


def stays(price: str, reasons: Mapping[str, str]) -> str:
    """That subscriptions, by id, would stay on a price though they are to be moved; why, and what to do."""
    by_reason: dict[str, list[str]] = {}
    for id_, reason in reasons.items():
        by_reason.setdefault(reason, []).append(id_)
    why = "; ".join(f"{reason}: {named(ids)}" for reason, ids in by_reason.items())
    return (
        f"{counted(len(reasons))} would stay on {price}, which is therefore not archived: {why}. existing_subscriptions is "
        '"migrate": change what is in the way and run it again, or declare "grandfather" to leave them where they are'
    )


def _turn(subscription: str) -> threading.Lock:
    """Held while a subscription is moved."""
    with _turns_lock:
        return _turns.setdefault(subscription, threading.Lock())


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
