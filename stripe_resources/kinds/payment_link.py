"""PaymentLink: an address at which customers subscribe. https://docs.stripe.com/api/payment-link"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, Required, TypedDict, Unpack

import pulumi

from stripe_resources._core.behaviour import Behaviour, Update, Values
from stripe_resources._core.values import items as item_changes
from stripe_resources._core.values.compare import alters, same
from stripe_resources._core.values.schema import UNKNOWN, Difference, Failure, Inputs, Object
from stripe_resources.declare import (
    ARCHIVED,
    CREATE_ONLY,
    ENFORCED,
    EXPAND,
    FILLED,
    IMMUTABLE,
    UPDATE_ONLY,
    Between,
    Default,
    Input,
    Length,
    List,
    Size,
    Unset,
    fields_of,
)
from stripe_resources.fields import WEB_ADDRESS, Adopt, Currency, Issuer, Metadata, SubscriptionInvoiceSettings
from stripe_resources.resource import StripeResource
from stripe_resources.rules import Needs, NotOver, OnlyWith, When

from .price import METERED, metered_items, metered_rules


class LinkAdjustableQuantity(TypedDict, total=False):
    """Whether customers choose the quantity, and within which limits."""

    enabled: Required[Annotated[Input[bool], Default(False)]]
    maximum: Annotated[Input[int] | None, Between(1, 999999), Unset.KEEP]
    minimum: Annotated[Input[int] | None, Between(0, 999999), Unset.KEEP]


class LinkItem(TypedDict, total=False):
    """One price that is sold. A metered price takes no `quantity`: its meter counts; any other price needs one."""

    price: Required[Annotated[Input[str], CREATE_ONLY]]
    adjustable_quantity: Annotated[Input[LinkAdjustableQuantity] | None, Default({"enabled": False})]
    quantity: Annotated[Input[int] | None, Between(1), Unset.KEEP]


class HostedConfirmation(TypedDict, total=False):
    """Stripe's own page."""

    custom_message: Annotated[Input[str] | None, Length(500)]


class LinkRedirect(TypedDict, total=False):
    """A page of yours; `{CHECKOUT_SESSION_ID}` in the address becomes the id of the checkout session."""

    url: Required[Annotated[Input[str], WEB_ADDRESS]]


class AfterCompletion(TypedDict, total=False):
    """What customers see afterwards."""

    type: Required[Input[Literal["hosted_confirmation", "redirect"]]]
    hosted_confirmation: Annotated[Input[HostedConfirmation] | None, Unset.KEEP]
    redirect: Annotated[Input[LinkRedirect] | None, Unset.KEEP]


class LinkAutomaticTax(TypedDict, total=False):
    """Whether Stripe calculates tax."""

    enabled: Required[Input[bool]]
    liability: Annotated[Input[Issuer] | None, Default({"type": "self"})]


class ReuseAgreement(TypedDict, total=False):
    """Where it says that the payment method is kept."""

    position: Required[Annotated[Input[Literal["auto", "hidden"]], Default("auto")]]


class ConsentCollection(TypedDict, total=False):
    """What customers agree to."""

    payment_method_reuse_agreement: Annotated[Input[ReuseAgreement] | None, Unset.INSIDE]
    promotions: Annotated[Input[Literal["auto", "none"]] | None, Default("none")]
    terms_of_service: Annotated[Input[Literal["none", "required"]] | None, Default("none")]


class LinkText(TypedDict, total=False):
    """Your own text."""

    message: Required[Annotated[Input[str], Length(1200)]]


class LinkTexts(TypedDict, total=False):
    """Your own texts, by place."""

    after_submit: Input[LinkText] | None
    shipping_address: Input[LinkText] | None
    submit: Input[LinkText] | None
    terms_of_service_acceptance: Input[LinkText] | None


class CollectedName(TypedDict, total=False):
    """Whether a name is asked for."""

    enabled: Required[Input[bool]]
    optional: Annotated[Input[bool] | None, Default(False)]


class NameCollection(TypedDict, total=False):
    """Which names are asked for."""

    business: Annotated[Input[CollectedName] | None, Default({"enabled": False})]
    individual: Annotated[Input[CollectedName] | None, Default({"enabled": False})]


class PhoneNumberCollection(TypedDict, total=False):
    """Whether a telephone number is asked for."""

    enabled: Required[Input[bool]]


class CompletedSessions(TypedDict, total=False):
    """How often the link can be used."""

    limit: Required[Annotated[Input[int], Between(1)]]


class LinkRestrictions(TypedDict, total=False):
    """After how many purchases the link stops."""

    completed_sessions: Required[Input[CompletedSessions]]


class LinkTrialEnd(TypedDict, total=False):
    """What happens to a subscription whose trial ends without a payment method."""

    missing_payment_method: Required[Input[Literal["cancel", "create_invoice", "pause"]]]


class LinkTrialSettings(TypedDict, total=False):
    """What happens when a trial ends."""

    end_behavior: Required[Input[LinkTrialEnd]]


class SubscriptionData(TypedDict, total=False):
    """What subscriptions made through the link begin with."""

    invoice_settings: Annotated[Input[SubscriptionInvoiceSettings] | None, Unset.INSIDE]
    metadata: Input[Metadata] | None
    """Of the subscriptions."""
    trial_period_days: Annotated[Input[int] | None, Between(1, 730)]
    trial_settings: Input[LinkTrialSettings] | None


class TaxIdCollection(TypedDict, total=False):
    """Whether a tax id is asked for."""

    enabled: Required[Input[bool]]
    required: Annotated[Input[Literal["if_supported", "never"]] | None, Default("never")]


class PaymentLinkArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/payment-link/create"""

    line_items: Required[Annotated[Input[List[Input[LinkItem]]], EXPAND, Size(10, 1)]]
    """What is sold, up to 10 prices (Stripe takes 20, and tells 10 with the link). Other prices are another link, with another
    address; quantities are changed in place."""
    active: Annotated[Input[bool] | None, Default(True), ENFORCED, UPDATE_ONLY]
    """Whether the address can be used."""
    adopt: Adopt
    """The id of an existing payment link to begin with."""
    after_completion: Annotated[Input[AfterCompletion] | None, Default({"type": "hosted_confirmation"})]
    """What customers see when they have paid."""
    allow_promotion_codes: Annotated[Input[bool] | None, Default(False)]
    """Whether customers can give a promotion code."""
    automatic_tax: Annotated[Input[LinkAutomaticTax] | None, Default({"enabled": False})]
    """Whether Stripe computes taxes."""
    billing_address_collection: Annotated[Input[Literal["auto", "required"]] | None, Default("auto")]
    """Whether customers are asked for their billing address."""
    consent_collection: Annotated[Input[ConsentCollection] | None, Unset.INSIDE]
    """What customers are asked to agree to."""
    currency: Annotated[Input[Currency] | None, IMMUTABLE, FILLED]
    """One of those that all prices have; their own by default."""
    custom_text: Annotated[Input[LinkTexts] | None, Unset.INSIDE]
    """What is said beside the fields."""
    inactive_message: Annotated[Input[str] | None, Length(500)]
    """What customers see once the link is not active any more."""
    metadata: Input[Metadata] | None
    """Checkout sessions of the link have it too."""
    name_collection: Input[NameCollection] | None
    """Whether customers are asked for their name."""
    payment_method_collection: Annotated[Input[Literal["always", "if_required"]] | None, Default("always")]
    """`if_required` asks for no payment method where nothing is due at once."""
    phone_number_collection: Annotated[Input[PhoneNumberCollection] | None, Default({"enabled": False})]
    """Whether customers are asked for their phone number."""
    restrictions: Input[LinkRestrictions] | None
    """How often it can be used."""
    submit_type: Annotated[Input[Literal["auto", "book", "donate", "pay", "subscribe"]] | None, Default("auto")]
    """What the button says; the host of the address depends on it."""
    subscription_data: Annotated[Input[SubscriptionData] | None, Unset.INSIDE]
    """What the subscriptions have that it makes."""
    tax_id_collection: Annotated[Input[TaxIdCollection] | None, Default({"enabled": False})]
    """Whether customers are asked for their tax id."""


ITEM = Object(fields_of(LinkItem))


RULES = (
    *(OnlyWith(kind, When("type", kind), at="after_completion") for kind in ("hosted_confirmation", "redirect")),
    Needs("redirect", "an address", When("type", "redirect"), at="after_completion"),
    NotOver("minimum", "maximum", at="line_items[].adjustable_quantity"),
)


class PaymentLinkBehaviour(Behaviour):
    """What a link sells can change in quantity only."""

    def rules(self, inputs: Inputs, olds: Inputs | None) -> Iterable[Failure]:
        """Metered prices have no quantity."""
        return metered_rules(inputs.get("line_items"), inputs.get(METERED) or (), "line_items")

    def live(self, live: Values) -> Values:
        """The list object of line items becomes a plain list, whose prices are ids."""
        return {**live, "line_items": item_changes.plain(live.get("line_items"))}

    def outputs(self, outputs: dict[str, Any], declared: Values, live: Values) -> dict[str, Any]:
        """Line items keep their ids, by which quantities are changed later."""
        return {**outputs, "line_items": item_changes.seen(ITEM, declared.get("line_items") or [], live["line_items"])}

    def adjust(self, difference: Difference, olds: Values, news: Values) -> Difference:
        """Other prices need another link; another order changes nothing."""
        if "line_items" in difference.changed:
            before, after = olds.get("line_items") or [], news.get("line_items")
            if not isinstance(after, list) or _prices(before) != _prices(after):
                difference.replaces.append("line_items")
            elif not any(alters(ITEM, old, new) for new, old in _paired(after, before)):
                difference.changed.remove("line_items")
        return difference

    def update(self, update: Update) -> Values | None:
        """Line items by their ids; the subscriptions' metadata whole, since this is one that Stripe does not merge."""
        params, news = dict(update.params), update.news
        if "line_items" in params:
            params["line_items"] = [_update(new, old) for new, old in _paired(news["line_items"], update.olds["line_items"])]
        data = params.get("subscription_data")
        if isinstance(data, Mapping) and "metadata" in data:
            declared = news.get("subscription_data", {}).get("metadata") or ""
            params["subscription_data"] = {**data, "metadata": declared}
        return update.send(params)


def _prices(items: Any) -> list[Any]:
    """The ids of prices in one order; a list with an unknown one is like no other."""
    prices = [i.get("price") for i in items if isinstance(i, Mapping)]
    return [object()] if UNKNOWN in prices else sorted(prices)


def _paired(wished: Sequence[Values], present: Sequence[Values]) -> list[tuple[Values, Values]]:
    partners, _ = item_changes.matched(wished, present)
    return [(w, p) for w, p in zip(wished, partners, strict=True) if p is not None]


def _update(new: Values, old: Values) -> dict[str, Any]:
    changed = {n: new.get(n, ITEM.fields[n].default) for n in ("adjustable_quantity", "quantity") if n in new or n in old}
    sent = {n: v for n, v in changed.items() if v is not None and not same(ITEM.fields[n].type, old.get(n), v)}
    return {"id": old["id"], **sent}


class PaymentLink(
    StripeResource,
    path="/v1/payment_links",
    arguments=PaymentLinkArgs,
    behaviour=PaymentLinkBehaviour,
    # A link that a run which died left goes on selling what nobody declares.
    lifecycle=replace(ARCHIVED, one=True),
    left_out={
        "line_items.id": "part of how items are changed, which the provider works out",
        "line_items.price_data": "an inline price is nobody's to manage: declare a Price",
        **dict.fromkeys(
            ("application_fee_amount", "application_fee_percent", "on_behalf_of", "transfer_data"), "concerns connected accounts"
        ),
        **dict.fromkeys(("customer_creation", "invoice_creation", "payment_intent_data"), "concerns prices that are paid once"),
        **dict.fromkeys(("shipping_address_collection", "shipping_options"), "concerns goods that are shipped"),
        **dict.fromkeys(
            ("custom_fields", "managed_payments", "payment_method_options", "payment_method_types"),
            "set in the Dashboard, where it stays as it is",
        ),
        "optional_items": "each needs a quantity, so that none can be metered",
        "subscription_data.description": "no update changes it",
    },
    rules=RULES,
):
    """An address at which anybody can subscribe to prices. Deleting it deactivates the address: whoever has subscribed stays
    subscribed.

    An example:

        product = Product("api", name="API")
        monthly = Price(
            "api-monthly",
            product=product.id,
            currency="usd",
            unit_amount=2000,
            recurring={"interval": "month"},
        )
        PaymentLink(
            "subscribe",
            line_items=[{"price": monthly.id, "quantity": 1}],
            after_completion={"type": "redirect", "redirect": {"url": "https://example.com/welcome"}},
        )
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    line_items: pulumi.Output[Sequence[Any]]
    active: pulumi.Output[bool]
    adopt: pulumi.Output[bool | str]
    after_completion: pulumi.Output[Any]
    allow_promotion_codes: pulumi.Output[bool]
    automatic_tax: pulumi.Output[Any]
    billing_address_collection: pulumi.Output[Literal["auto", "required"]]
    consent_collection: pulumi.Output[Any]
    currency: pulumi.Output[str]
    custom_text: pulumi.Output[Any]
    inactive_message: pulumi.Output[str]
    metadata: pulumi.Output[Mapping[str, str]]
    name_collection: pulumi.Output[Any]
    payment_method_collection: pulumi.Output[Literal["always", "if_required"]]
    phone_number_collection: pulumi.Output[Any]
    restrictions: pulumi.Output[Any]
    submit_type: pulumi.Output[Literal["auto", "book", "donate", "pay", "subscribe"]]
    subscription_data: pulumi.Output[Any]
    tax_id_collection: pulumi.Output[Any]
    # arguments: end
    url: pulumi.Output[str]
    """What to give to customers. A replacement has another one."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[PaymentLinkArgs]) -> None:
        metered = metered_items(args.get("line_items"))
        super().__init__(resource_name, args, opts, internal={METERED: metered} if metered else {})
