"""What is in states and at Stripe, which are older than the code that reads them."""

from __future__ import annotations

import base64
import pickletools

from pulumi.dynamic.dynamic import serialize_provider

from stripe_resources._core.values.ownership import LINEAGE, MARK, OWNER, TAG, owner
from stripe_resources.provider import PROVIDER_KEY, StripeProvider


def in_states() -> dict[str, str]:
    """The keys that the package writes for itself, with their values."""
    # Which protocol of pickle frames the call depends on Python's version.
    pickled = base64.b64decode(serialize_provider(StripeProvider("stripe:Price")))
    call = [argument for _, argument, _ in pickletools.genops(pickled) if isinstance(argument, str)]
    return {
        PROVIDER_KEY: f"a pickle of {' '.join(call)}",
        OWNER: owner("project", "stack", "Kind", "name"),
        TAG: f"in metadata at Stripe: {OWNER}",
        LINEAGE: "a token",
        MARK: f"in metadata at Stripe: {LINEAGE}",
    }
