"""An inference API at Stripe: input tokens, output tokens and images, in three plans and two currencies.

Amounts are in minor units: 2000 is 20.00 USD, "0.0004" per token is 4.00 USD per million tokens.
"""

from functools import partial

import pulumi

from stripe_components import UsageBasedPlan, flat, graduated, per_unit
from stripe_resources import Meter

config = pulumi.Config()
catalogue = pulumi.ResourceOptions(protect=config.get_bool("protect"))

# What is counted, for all plans: an account has one active meter for each event name.
counter = partial(Meter, default_aggregation={"formula": "sum"}, opts=catalogue)
input_tokens = counter("input-tokens", display_name="Input tokens", event_name="inference_input_tokens").id
output_tokens = counter("output-tokens", display_name="Output tokens", event_name="inference_output_tokens").id
images = counter("images", display_name="Images", event_name="inference_images").id

# What all plans have in common.
plan = partial(
    UsageBasedPlan,
    currency="usd",
    interval="month",
    tax_behavior="exclusive",
    metadata={"owner": "inference-billing", "environment": config.require("environment")},
    opts=catalogue,
)

# Pay as you go, cheaper from the second million tokens and the 101st image on.
starter = plan(
    "starter",
    product={"name": "Starter"},
    entitlements={"requests_per_minute": 60},
    prices={
        "starter-input": graduated(
            input_tokens,
            [(1_000_000, "0.0004"), ("inf", "0.0003")],
            eur=[(1_000_000, "0.00037"), ("inf", "0.00028")],
        ),
        "starter-output": graduated(
            output_tokens,
            [(1_000_000, "0.0016"), ("inf", "0.0012")],
            eur=[(1_000_000, "0.0015"), ("inf", "0.0011")],
        ),
        "starter-images": graduated(images, [(100, 4), ("inf", 3)], eur=[(100, "3.7"), ("inf", "2.8")]),
    },
)

# A flat fee, and less for each unit.
team_prices = {
    "team-base": flat(2000, eur=1800),
    "team-input": per_unit(input_tokens, "0.0003", eur="0.00028"),
    "team-output": per_unit(output_tokens, "0.0012", eur="0.0011"),
    "team-images": per_unit(images, 3, eur="2.8"),
}
team = plan("team", product={"name": "Team"}, entitlements={"requests_per_minute": 600}, prices=team_prices)

# A flat fee with ten million input tokens in it; images are for nothing.
scale_prices = {
    "scale-base": flat(20000, eur=18000),
    "scale-input": graduated(input_tokens, [(10_000_000, 0), ("inf", "0.0002")], eur=[(10_000_000, 0), ("inf", "0.00019")]),
    "scale-output": per_unit(output_tokens, "0.001", eur="0.0009"),
}
scale = plan("scale", product={"name": "Scale"}, entitlements={"requests_per_minute": 6000}, prices=scale_prices)

for name, sold in {"starter": starter, "team": team, "scale": scale}.items():
    pulumi.export(name, {"product_id": sold.product_id, "lookup_keys": sold.lookup_keys})
