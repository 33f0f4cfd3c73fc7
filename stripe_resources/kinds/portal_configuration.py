"""PortalConfiguration: what customers can do by themselves. https://docs.stripe.com/api/customer_portal/configuration"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Required, TypedDict, Unpack

import pulumi

from stripe_resources._core.behaviour import Behaviour, Values
from stripe_resources._core.values.schema import Failure, Inputs
from stripe_resources.declare import ARCHIVED, ENFORCED, EXPAND, UPDATE_ONLY, Between, Default, Input, Length, List, Size, Unset
from stripe_resources.fields import WEB_ADDRESS, Adopt, CancellationReason, Interval, Metadata
from stripe_resources.resource import StripeResource
from stripe_resources.rules import Distinct, Needs, When


class PortalBusinessProfile(TypedDict, total=False):
    """What the portal says about the business."""

    headline: Annotated[Input[str] | None, Length(60)]
    privacy_policy_url: Annotated[Input[str] | None, WEB_ADDRESS]
    terms_of_service_url: Annotated[Input[str] | None, WEB_ADDRESS]


class PortalCustomerUpdate(TypedDict, total=False):
    """Whether customers change their own data, and which."""

    enabled: Required[Annotated[Input[bool], Default(False)]]
    allowed_updates: Input[List[Input[Literal["address", "email", "name", "phone", "shipping", "tax_id"]]]] | None


class PortalInvoiceHistory(TypedDict, total=False):
    """Whether customers see their invoices."""

    enabled: Required[Annotated[Input[bool], Default(False)]]


class PortalPaymentMethodUpdate(TypedDict, total=False):
    """Whether customers change their payment methods."""

    enabled: Required[Annotated[Input[bool], Default(False)]]
    payment_method_configuration: Input[str] | None


class PortalCancellationReason(TypedDict, total=False):
    """Whether customers are asked why they cancel, and what they can choose from."""

    enabled: Required[Annotated[Input[bool], Default(False)]]
    options: Required[Input[List[Input[CancellationReason]]]]
    feedback_options: Input[List[Input[str]]] | None


class PortalSubscriptionCancel(TypedDict, total=False):
    """Whether customers cancel their subscriptions, and when that takes effect."""

    enabled: Required[Annotated[Input[bool], Default(False)]]
    cancellation_reason: Annotated[Input[PortalCancellationReason] | None, Unset.INSIDE]
    mode: Annotated[Input[Literal["at_period_end", "immediately"]] | None, Default("at_period_end")]
    proration_behavior: Annotated[Input[Literal["always_invoice", "create_prorations", "none"]] | None, Default("none")]
    """`create_prorations` goes with `mode="immediately"`; `always_invoice` Stripe refuses."""


class PauseInterval(TypedDict, total=False):
    """One length of a pause that can be chosen."""

    interval: Required[Input[Interval]]
    interval_count: Annotated[Input[int] | None, Between(1), Default(1)]


class PauseDuration(TypedDict, total=False):
    """For how long."""

    type: Required[Input[Literal["indefinite", "interval_options"]]]
    interval_options: Annotated[Input[List[Input[PauseInterval]]] | None, Size(minimum=1)]


class PortalSubscriptionPause(TypedDict, total=False):
    """Whether customers pause their subscriptions."""

    duration: Annotated[Input[PauseDuration] | None, Unset.KEEP]
    enabled: Annotated[Input[bool] | None, Default(False)]


class PortalAdjustableQuantity(TypedDict, total=False):
    """Whether customers choose the quantity."""

    enabled: Required[Input[bool]]
    maximum: Annotated[Input[int] | None, Between(1)]
    minimum: Annotated[Input[int] | None, Between(0)]


class PortalProduct(TypedDict, total=False):
    """A product, and those of its prices that customers can change to; one for each interval."""

    prices: Required[Annotated[Input[List[Input[str]]], Size(minimum=1)]]
    product: Required[Input[str]]
    adjustable_quantity: Annotated[Input[PortalAdjustableQuantity] | None, Default({"enabled": False})]


class PortalCondition(TypedDict, total=False):
    """A change that waits for the end of the period."""

    type: Required[Input[Literal["decreasing_item_amount", "shortening_interval"]]]


class PortalSchedule(TypedDict, total=False):
    """Which changes wait for the end of the period."""

    conditions: Input[List[Input[PortalCondition]]] | None


class PortalSubscriptionUpdate(TypedDict, total=False):
    """Whether customers change their subscriptions, and to what."""

    enabled: Required[Annotated[Input[bool], Default(False)]]
    billing_cycle_anchor: Annotated[Input[Literal["now", "unchanged"]] | None, Default("unchanged")]
    default_allowed_updates: Input[List[Input[Literal["price", "promotion_code", "quantity"]]]] | None
    products: Annotated[Input[List[Input[PortalProduct]]] | None, EXPAND, Size(10)]
    proration_behavior: Annotated[Input[Literal["always_invoice", "create_prorations", "none"]] | None, Default("none")]
    schedule_at_period_end: Annotated[Input[PortalSchedule] | None, Unset.INSIDE]
    trial_update_behavior: Annotated[Input[Literal["continue_trial", "end_trial"]] | None, Default("end_trial")]


class PortalFeatures(TypedDict, total=False):
    """What the portal offers; what is left out is not offered."""

    customer_update: Annotated[Input[PortalCustomerUpdate] | None, Unset.INSIDE]
    invoice_history: Annotated[Input[PortalInvoiceHistory] | None, Unset.INSIDE]
    payment_method_update: Annotated[Input[PortalPaymentMethodUpdate] | None, Unset.INSIDE]
    subscription_cancel: Annotated[Input[PortalSubscriptionCancel] | None, Unset.INSIDE]
    subscription_pause: Annotated[Input[PortalSubscriptionPause] | None, Unset.INSIDE]
    subscription_update: Annotated[Input[PortalSubscriptionUpdate] | None, Unset.INSIDE]


class PortalLoginPage(TypedDict, total=False):
    """Whether there is an address at which customers log in by themselves."""

    enabled: Required[Input[bool]]


class PortalConfigurationArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/customer_portal/configurations/create"""

    features: Required[Input[PortalFeatures]]
    """What customers can do."""
    active: Annotated[Input[bool] | None, Default(True), ENFORCED, UPDATE_ONLY]
    """Whether portal sessions can have it."""
    adopt: Adopt
    """The id of an existing configuration to begin with. Only so can the account's default one be declared."""
    business_profile: Annotated[Input[PortalBusinessProfile] | None, Unset.INSIDE]
    """What customers are told about you."""
    default_return_url: Annotated[Input[str] | None, WEB_ADDRESS]
    """Where the portal leads back to."""
    login_page: Annotated[Input[PortalLoginPage] | None, Default({"enabled": False})]
    """Whether there is a page on which customers log in by themselves."""
    metadata: Input[Metadata] | None
    """For yourself, by keys of your own; up to 48."""
    name: Annotated[Input[str] | None, Length(5000)]
    """What the Dashboard calls it."""


PRODUCTS = "features.subscription_update.products"


RULES = (
    Distinct("products", "give all its prices in one place", key="product", at="features.subscription_update"),
    Needs(
        "interval_options",
        "at least one",
        When("type", "interval_options"),
        at="features.subscription_pause.duration",
    ),
)


class PortalConfigurationBehaviour(Behaviour):
    """Stripe's rules on what customers change."""

    def rules(self, inputs: Inputs, olds: Inputs | None) -> Iterable[Failure]:
        """There are features; customers change to something; proration as Stripe takes it."""
        features = inputs.get("features")
        if not isinstance(features, Mapping):
            return
        if not features:
            yield Failure("features", "is empty; give at least one feature, if only to say that it is not enabled")
        update, cancel = _part(features, "subscription_update"), _part(features, "subscription_cancel")
        if update.get("enabled") is True and not update.get("products"):
            yield Failure(PRODUCTS, "is missing; give the products and prices that customers can change to")
        behavior, mode = cancel.get("proration_behavior"), cancel.get("mode", "at_period_end")
        if behavior == "always_invoice":
            yield Failure(f"{_CANCEL}.proration_behavior", 'is "always_invoice", which Stripe refuses; give another one')
        if behavior == "create_prorations" and mode == "at_period_end":
            yield Failure(f"{_CANCEL}.proration_behavior", 'is "create_prorations", which needs `mode="immediately"`; add that')

    def live(self, live: Values) -> Values:
        """The address of the login page is an output by itself."""
        return {**live, "login_page_url": (live.get("login_page") or {}).get("url")}


_CANCEL = "features.subscription_cancel"


def _part(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = values.get(name)
    return part if isinstance(part, Mapping) else {}


class PortalConfiguration(
    StripeResource,
    path="/v1/billing_portal/configurations",
    arguments=PortalConfigurationArgs,
    behaviour=PortalConfigurationBehaviour,
    lifecycle=ARCHIVED,
    rules=RULES,
):
    """What customers see and do in the billing portal. Deleting it deactivates it: no new portal session can have it.

    An example:

        PortalConfiguration(
            "portal",
            features={
                "invoice_history": {"enabled": True},
                "payment_method_update": {"enabled": True},
                "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
            },
        )
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    features: pulumi.Output[Any]
    active: pulumi.Output[bool]
    adopt: pulumi.Output[bool | str]
    business_profile: pulumi.Output[Any]
    default_return_url: pulumi.Output[str]
    login_page: pulumi.Output[Any]
    metadata: pulumi.Output[Mapping[str, str]]
    name: pulumi.Output[str]
    # arguments: end
    is_default: pulumi.Output[bool]
    """Whether portal sessions have this configuration unless they name another one."""
    login_page_url: pulumi.Output[str]
    """Stripe's `login_page.url`; None where there is no login page."""
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[PortalConfigurationArgs]
    ) -> None:
        super().__init__(resource_name, args, opts)
