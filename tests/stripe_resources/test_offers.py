"""What the resources of the guide's next steps do specially, against a real local Stripe."""

from __future__ import annotations

import pytest

from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.kinds.test_alert import ALERT
from tests.stripe_resources.kinds.test_coupon import COUPON
from tests.stripe_resources.kinds.test_entitlement_feature import FEATURE
from tests.stripe_resources.kinds.test_portal_configuration import PORTAL

from .run import Run, unmarked
from .sample import Values
from .world import World

# -- what comes back


@pytest.mark.parametrize(
    ("kind", "args", "same"),
    [("Coupon", {**COUPON, "coupon_id": "SUMMER"}, True), ("EntitlementFeature", FEATURE, True), ("Alert", ALERT, False)],
)
def test_what_was_destroyed_is_made_again(kind: str, args: Values, same: bool, server: LocalStripe, world: World) -> None:
    args = {**args, "usage_threshold": {**args["usage_threshold"], "meter": world.meter}} if kind == "Alert" else args
    run = Run(server)
    id_, outputs = run.create(kind, "it", args)
    run.handler(kind).delete(id_, outputs)
    again, found = Run(server).create(kind, "it", args)
    assert (again == id_) == same
    assert found.get("active", True)
    assert Run(server).read(kind, again, found) is not None


# -- payment links


@pytest.mark.parametrize("kind", ["PaymentLink", "PortalConfiguration"])
def test_what_a_lost_state_had_is_found_again(kind: str, server: LocalStripe, world: World) -> None:
    args: Values = PORTAL if kind == "PortalConfiguration" else {"line_items": [{"price": world.metered_price}]}
    id_, outputs = Run(server).create(kind, "it", args)
    server.clock(advance=40 * 86400)
    again, found = Run(server).create(kind, "it", args)
    assert (again, unmarked(found)) == (id_, outputs)
