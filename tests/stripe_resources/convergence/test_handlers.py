"""Whatever happens, one refresh and one up make Stripe what the program says: the handlers, over HTTP, under a small engine."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given

from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.convergence.engine import Stack
from tests.stripe_resources.convergence.settings import examples
from tests.stripe_resources.convergence.stories import Step, stories, tell


@examples(60)
@given(story=stories(length=12))
def test_everything_converges_at_the_handlers(
    shared_server: LocalStripe, record_property: Callable[[str, object], None], story: list[Step]
) -> None:
    record_property("counted: sequences of events", 1)
    shared_server.reset()
    tell(story, Stack(shared_server.url), shared_server)
