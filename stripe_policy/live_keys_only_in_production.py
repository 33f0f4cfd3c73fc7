"""A live key moves real money: it belongs to production alone, and production works with no other.

Keys are looked for where the provider takes them from: the environment variable STRIPE_API_KEY, which wins,
and the secret `stripe:apiKey`. A live key in a test stack's configuration is refused even where the variable
outweighs it. https://docs.stripe.com/keys
"""

import os
from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from ._judging import because
from ._resources import PROVIDER, known, report
from ._stack import is_production

_MODES = {"sk_test_": "test", "rk_test_": "test", "sk_live_": "live", "rk_live_": "live"}

_MASKED = "[secret]"
"""What `pulumi policy analyze` shows in place of a secret."""


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports, once per provider, each API key that is not of the stack's mode.

    Of a key, a message holds the prefix at most.
    """
    if args.resource_type != PROVIDER:
        return
    production = is_production(args)
    for field, key in _keys(args):
        prefix = next((prefix for prefix in _MODES if key.startswith(prefix)), "")
        if _MODES.get(prefix) == ("live" if production else "test"):
            because(args, f"{field} is {_describe(prefix, production)}")
        else:
            report(report_violation, args, field, _describe(prefix, production), _remedy(field, production))


def _keys(args: ResourceValidationArgs) -> Iterator[tuple[str, str]]:
    sources = {
        "STRIPE_API_KEY": os.environ.get("STRIPE_API_KEY"),
        "stripe:apiKey": known(args.props, "stripe:apiKey"),
    }
    keys = ((field, (key or "").strip()) for field, key in sources.items())
    return ((field, key) for field, key in keys if key not in ("", _MASKED))


def _describe(prefix: str, production: bool) -> str:
    key = f"a {_MODES[prefix]} key ({prefix}…)" if prefix else "neither a secret nor a restricted key of Stripe's"
    return f"{key} in a stack that {'is' if production else 'is not'} production"


def _remedy(field: str, production: bool) -> str:
    if production:
        return (
            f"Set {field} to a live key (sk_live_… or rk_live_…) and stripe:livemode to true; or, if this is "
            "not production, set stripe:livemode to false and hypernian:environment to dev or staging."
        )
    return f"Set {field} to a test key (sk_test_… or rk_test_…); or, if this is production, set stripe:livemode to true."


policy = ResourceValidationPolicy(
    name="live-keys-only-in-production",
    description="A production stack uses a live key, every other stack a test key.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
