"""What can happen to an `up`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from hypothesis import strategies as st

from tests.stripe_local.server import LocalStripe

Moment = Literal["before_work", "after_work"]
Method = Literal["POST", "DELETE", "GET"]


class Died(BaseException):
    """The provider host is no more."""


@dataclass(frozen=True)
class _Cut:
    """The connection is cut at the nth request of a method: that never arrives, or its answer does not."""

    method: Method
    nth: int
    moment: Moment
    path: str = "/"
    """With which the requests begin that count."""

    def order(self, server: LocalStripe) -> None:
        server.fault(match={"method": self.method, "path": self.path, "nth": self.nth}, lose_connection=self.moment)


@dataclass(frozen=True)
class Kill(_Cut):
    """It is killed then."""


@dataclass(frozen=True)
class Between:
    """It is killed when a step is done, before that is in the state."""

    step: int

    def order(self, server: LocalStripe) -> None:
        """The engine sees to it."""


@dataclass(frozen=True)
class Lost(_Cut):
    """The request is sent again."""


@dataclass(frozen=True)
class Storm:
    """Stripe turns away four of ten requests."""

    seed: int

    def order(self, server: LocalStripe) -> None:
        server.fault(probability=0.4, seed=self.seed, status=429)


@dataclass(frozen=True)
class Broken:
    """Stripe answers its nth change with 500, having done nothing, or all of it."""

    nth: int
    after_work: bool

    def order(self, server: LocalStripe) -> None:
        server.fault(match={"method": "POST", "nth": self.nth}, status=500, after_work=self.after_work)


Accident: TypeAlias = "Kill | Between | Lost | Storm | Broken"

moments: st.SearchStrategy[Moment] = st.sampled_from(["after_work", "before_work"])
methods: st.SearchStrategy[Method] = st.sampled_from(["POST", "POST", "POST", "POST", "DELETE", "GET"])
numbers = st.integers(1, 12)
accidents: st.SearchStrategy[Accident] = st.one_of(
    st.builds(Kill, methods, numbers, moments),
    # What is billed is moved by few requests of many.
    st.builds(Kill, st.just("POST"), st.integers(1, 4), moments, st.just("/v1/subscription")),
    st.builds(Between, numbers),
    st.builds(Lost, methods, numbers, moments),
    st.builds(Storm, st.integers(0, 99)),
    st.builds(Broken, numbers, st.booleans()),
)
