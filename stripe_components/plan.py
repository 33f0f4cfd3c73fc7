"""UsageBasedPlan: a product, the meters that count its use, and its prices, as one component.

https://www.pulumi.com/docs/iac/concepts/resources/components/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack, cast

import pulumi

from stripe_resources import Meter, MeterArgs, Price, Product
from stripe_resources.pulumi_options import OPTIONS
from stripe_resources.resource import unnamed
from stripe_resources.transforms import watched

from .checks import failures_of_plan
from .children import entitlements_of, price_args, product_args
from .declarations import UsageBasedPlanArgs

TYPE = "stripe:components:UsageBasedPlan"
"""Part of every stack's state: never changed."""


class UsageBasedPlan(pulumi.ComponentResource):
    """What can be sold as one: a `Product`, its own `Meter`s, and a `Price` for each of `prices`.

    The resources have the names that the program gives them: the product that of the plan, meters and prices their keys. So a
    catalogue that declares the same resources by themselves can become plans, and the reverse: nothing changes at Stripe.
    Options that Pulumi hands down to children (`protect`, `provider`) hold for all of them; `transforms` reach single ones.

    Raises `pulumi.RunError` with everything that is wrong with the arguments, before anything is declared.
    """

    product: Product
    meters: Mapping[str, Meter]
    """The plan's own, by name."""
    prices: Mapping[str, Price]
    """By name."""
    product_id: pulumi.Output[str]
    meter_ids: pulumi.Output[Mapping[str, str]]
    """The plan's own, by name."""
    price_ids: pulumi.Output[Mapping[str, str]]
    """By name."""
    lookup_keys: pulumi.Output[Mapping[str, str]]
    """Of the prices, by name."""
    entitlements: pulumi.Output[Mapping[str, str]]
    """As the product's metadata carries them: {"entitlement_requests_per_minute": "600"}."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[UsageBasedPlanArgs]
    ) -> None:
        """`resource_name` is also the name of the product's resource; `opts` hold for all of the plan's resources."""
        given = {k: v for k, v in cast("dict[str, Any]", args).items() if v is not None}
        _refuse_wrong(resource_name, given)
        _refuse_options(resource_name, opts)
        super().__init__(TYPE, resource_name, None, opts and watched(opts))

        def child() -> pulumi.ResourceOptions:
            return pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)])

        self.product = Product(resource_name, child(), **product_args(given))
        meters: Mapping[str, MeterArgs] = given.get("meters") or {}
        self.meters = {name: Meter(name, child(), **meter) for name, meter in meters.items()}
        ids = {name: meter.id for name, meter in self.meters.items()}
        self.prices = {name: Price(name, child(), **price_args(given, name, self.product.id, ids)) for name in given["prices"]}

        self.product_id = self.product.id
        self.meter_ids = _together(ids)
        self.price_ids = _together({name: price.id for name, price in self.prices.items()})
        self.lookup_keys = _together({name: price.lookup_key for name, price in self.prices.items()})
        self.entitlements = pulumi.Output.from_input(entitlements_of(given))
        outputs = ("product_id", "meter_ids", "price_ids", "lookup_keys", "entitlements")
        self.register_outputs({name: getattr(self, name) for name in outputs})


def _together(outputs: Mapping[str, pulumi.Output[str]]) -> pulumi.Output[Mapping[str, str]]:
    return pulumi.Output.from_input(cast("Mapping[str, str]", outputs))


def _refuse_wrong(name: str, args: Mapping[str, Any]) -> None:
    if not isinstance(name, str) or not name:
        raise unnamed("UsageBasedPlan")
    failures = failures_of_plan(args)
    if failures:
        counted = "one problem" if len(failures) == 1 else f"{len(failures)} problems"
        lines = "".join(f"\n  - {failure}" for failure in failures)
        raise pulumi.RunError(f'UsageBasedPlan "{name}" has {counted}:{lines}')


def _refuse_options(name: str, opts: pulumi.ResourceOptions | None) -> None:
    """Raises RunError for what Pulumi does not hand to children: it would have no effect."""
    refused = [option for option, known in OPTIONS.items() if not known.on_plans and getattr(opts, option, None)]
    if refused:
        raise pulumi.RunError(
            f'UsageBasedPlan "{name}": {", ".join(refused)}: does not reach the resources of a plan; give it to one of them with '
            "`transformations`"
        )
