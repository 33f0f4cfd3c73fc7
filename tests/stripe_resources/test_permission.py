"""What a live stack must not retire without permission, and the permission that its message tells to give."""

from __future__ import annotations

import re

import pytest

from stripe_client.errors import NotAllowed
from stripe_client.settings import GUARDED, load
from stripe_resources._core.behaviour import Behaviour
from stripe_resources.register import KINDS

from .run import Run
from .samples import SAMPLES
from .world import World

FINAL = [schema.kind for schema, _ in KINDS.values() if schema.irreversible]
BILLED = [schema.kind for schema, of in KINDS.values() if type(of).objection is not Behaviour.objection]


def test_the_setting_takes_the_kinds_that_ask_for_it_and_no_others() -> None:
    assert sorted(GUARDED) == sorted(FINAL + BILLED)


def allowed(message: str) -> tuple[str, ...]:
    """The setting that a message tells to give, as it is read."""
    [(key, value)] = re.findall(r"`pulumi config set (\S+) (\S+)`", message)
    settings = load({key: value, "stripe:livemode": "true"}.get, {"STRIPE_API_KEY": "sk_live_x"})
    assert settings.problems == ()
    return settings.allow_delete


@pytest.mark.parametrize("kind", FINAL)
def test_with_the_permission_that_the_refusal_names_it_is_done_and_what_was_allowed_stays_so(
    run: Run, world: World, kind: str
) -> None:
    id_, outputs = run.create(kind, "it", world.filled(SAMPLES[kind].args))
    before = tuple(k for k in GUARDED if k != kind)[:2]
    with pytest.raises(NotAllowed) as refused:
        Run(run.server, livemode=True, allow_delete=before).handler(kind).delete(id_, outputs)
    assert allowed(str(refused.value)) == (*before, kind)
    Run(run.server, livemode=True, allow_delete=allowed(str(refused.value))).handler(kind).delete(id_, outputs)
    assert run.read(kind, id_, outputs) is None
