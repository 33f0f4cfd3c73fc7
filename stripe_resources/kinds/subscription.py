"""Subscription: which prices a customer is billed for, and how. https://docs.stripe.com/api/subscriptions"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, Required, TypedDict, Unpack

import pulumi

from stripe_client.client import Client
from stripe_client.errors import StripeError
from stripe_client.subscriptions import OVER
from stripe_resources._core.behaviour import Behaviour, Retirement, Update, Values
from stripe_resources._core.values import items as item_changes
from stripe_resources._core.values.compare import difference
from stripe_resources._core.values.schema import UNKNOWN, Difference, Failure, Inputs, Object, Role, Schema
from stripe_resources.declare import (
    CREATE_ONLY,
    DECIMAL,
    FILLED,
    IMMUTABLE,
    OPTION,
    RETIRE_OPTION,
    UNREADABLE,
    UPDATE_ONLY,
    Between,
    Default,
    Input,
    Length,
    Lifecycle,
    List,
    Size,
    Unset,
    fields_of,
    has,
)
from stripe_resources.fields import (
    Adopt,
    Amount,
    CancellationReason,
    Currency,
    Interval,
    Issuer,
    Metadata,
    SubscriptionInvoiceSettings,
    TaxBehavior,
    Timestamp,
)
from stripe_resources.moves import rules as moves
from stripe_resources.resource import StripeResource
from stripe_resources.rules import AtMostOne, Distinct, ExactlyOne, Needs, NotWith, OnlyWith, When
from stripe_resources.vocabulary import PaymentSettings

from .price import METERED, metered_items, metered_rules


class Discount(TypedDict, total=False):
    """One of a coupon, an existing discount, a promotion code."""

    coupon: Input[str] | None
    discount: Input[str] | None
    promotion_code: Input[str] | None


class ItemBillingThresholds(TypedDict, total=False):
    """Usage at which an invoice is made early."""

    usage_gte: Required[Annotated[Input[int], Between(1)]]


class CurrentTrial(TypedDict, total=False):
    """The trial offer of an item."""

    trial_offer: Required[Input[str]]


class SubscriptionItem(TypedDict, total=False):
    """One price that is billed. A metered price takes no `quantity`: its meter counts."""

    price: Required[Input[str]]
    billing_thresholds: Input[ItemBillingThresholds] | None
    current_trial: Annotated[Input[CurrentTrial] | None, UNREADABLE, Unset.KEEP]
    discounts: Annotated[Input[List[Input[Discount]]] | None, UNREADABLE]
    metadata: Input[Metadata] | None
    quantity: Annotated[Input[int] | None, Between(0), Default(1)]
    tax_rates: Input[List[Input[str]]] | None


class PeriodEnd(TypedDict, total=False):
    """When a one-off item's period ends."""

    type: Required[Input[Literal["min_item_period_end", "timestamp"]]]
    timestamp: Input[Timestamp] | None


class PeriodStart(TypedDict, total=False):
    """When a one-off item's period starts."""

    type: Required[Input[Literal["max_item_period_start", "now", "timestamp"]]]
    timestamp: Input[Timestamp] | None


class Period(TypedDict, total=False):
    """The period of a one-off item."""

    end: Required[Input[PeriodEnd]]
    start: Required[Input[PeriodStart]]


class OneOffPriceData(TypedDict, total=False):
    """A price made for one invoice item."""

    currency: Required[Input[Currency]]
    product: Required[Input[str]]
    tax_behavior: Input[TaxBehavior] | None
    unit_amount: Input[Amount] | None
    unit_amount_decimal: Annotated[Input[str | Decimal] | None, DECIMAL]


class AddInvoiceItem(TypedDict, total=False):
    """Something billed once, with the first invoice."""

    discountable: Input[bool] | None
    discounts: Input[List[Input[Discount]]] | None
    metadata: Input[Metadata] | None
    period: Input[Period] | None
    price: Input[str] | None
    price_data: Input[OneOffPriceData] | None
    quantity: Annotated[Input[int] | None, Between(0)]
    tax_rates: Input[List[Input[str]]] | None


class AutomaticTax(TypedDict, total=False):
    """Whether Stripe computes taxes."""

    enabled: Required[Input[bool]]
    liability: Annotated[Input[Issuer] | None, Default({"type": "self"})]


class BillingCycleAnchorConfig(TypedDict, total=False):
    """The day (and time, UTC) on which periods begin."""

    day_of_month: Required[Annotated[Input[int], Between(1, 31)]]
    hour: Annotated[Input[int] | None, Between(0, 23)]
    minute: Annotated[Input[int] | None, Between(0, 59)]
    month: Annotated[Input[int] | None, Between(1, 12)]
    second: Annotated[Input[int] | None, Between(0, 59)]


class FlexibleBilling(TypedDict, total=False):
    """How flexible billing shows discounts on prorations."""

    proration_discounts: Annotated[Input[Literal["included", "itemized"]] | None, Default("included")]


class BillingMode(TypedDict, total=False):
    """How Stripe prorates and invoices; `flexible` bills old usage when a price changes, `classic` loses it."""

    type: Required[Input[Literal["classic", "flexible"]]]
    flexible: Annotated[Input[FlexibleBilling] | None, FILLED]


class Duration(TypedDict, total=False):
    """A number of intervals."""

    interval: Required[Input[Interval]]
    interval_count: Annotated[Input[int] | None, Between(1), Default(1)]


class BillUntil(TypedDict, total=False):
    """A time, or a duration."""

    type: Required[Input[Literal["duration", "timestamp"]]]
    duration: Input[Duration] | None
    timestamp: Input[Timestamp] | None


class ScheduleAppliesTo(TypedDict, total=False):
    """The items of one price."""

    type: Required[Input[Literal["price"]]]
    price: Input[str] | None


class BillingSchedule(TypedDict, total=False):
    """Bills some items ahead."""

    bill_until: Required[Input[BillUntil]]
    applies_to: Input[List[Input[ScheduleAppliesTo]]] | None
    key: Annotated[Input[str] | None, Length(200)]


class BillingThresholds(TypedDict, total=False):
    """An amount, in minor currency units, at which an invoice is made early."""

    amount_gte: Annotated[Input[int] | None, Between(1), Unset.KEEP]
    reset_billing_cycle_anchor: Annotated[Input[bool] | None, Unset.KEEP]


class CancellationDetails(TypedDict, total=False):
    """Why it was cancelled."""

    comment: Input[str] | None
    feedback: Input[CancellationReason] | None
    feedback_option: Input[str] | None


class PauseCollection(TypedDict, total=False):
    """Invoices go on being made, but are not collected."""

    behavior: Required[Input[Literal["keep_as_draft", "mark_uncollectible", "void"]]]
    resumes_at: Annotated[Input[Timestamp] | None, Unset.KEEP]


class PendingInvoiceItemInterval(TypedDict, total=False):
    """How often pending items are invoiced, beside the periods."""

    interval: Required[Input[Interval]]
    interval_count: Annotated[Input[int] | None, Between(1), Default(1)]


class TransferData(TypedDict, total=False):
    """The connected account that gets the money, and its share in per cent."""

    destination: Required[Input[str]]
    amount_percent: Annotated[Input[float] | None, Between(0, 100), Unset.KEEP]


class TrialEndBehavior(TypedDict, total=False):
    """What happens when a trial ends."""

    missing_payment_method: Required[Input[Literal["cancel", "create_invoice", "pause"]]]
    billing_cycle_anchor: Annotated[Input[Literal["now", "unchanged"]] | None, Unset.KEEP, Default("now")]


class TrialSettings(TypedDict, total=False):
    """What happens when a trial ends."""

    end_behavior: Required[Input[TrialEndBehavior]]


class SubscriptionArgs(TypedDict, total=False):
    """https://docs.stripe.com/api/subscriptions/create"""

    items: Required[Annotated[Input[List[Input[SubscriptionItem]]], Size(20, minimum=1)]]
    """1 to 20; an item is known by its price, so their order means nothing."""
    adopt: Adopt
    """The id of an existing subscription to begin with; its items become those declared here."""
    add_invoice_items: Annotated[Input[List[Input[AddInvoiceItem]]] | None, OPTION, CREATE_ONLY, Size(20)]
    """Billed once, when the subscription is made."""
    application_fee_percent: Annotated[Input[float] | None, Between(0, 100)]
    """Per cent of each invoice that the application gets; of connected accounts."""
    automatic_tax: Annotated[Input[AutomaticTax] | None, Default({"enabled": False})]
    """Whether Stripe computes taxes."""
    backdate_start_date: Annotated[Input[Timestamp] | None, IMMUTABLE, UNREADABLE]
    """A time in the past from which on it is billed."""
    billing_cycle_anchor: Annotated[Input[Timestamp] | None, IMMUTABLE, UNREADABLE]
    """A time at which a period begins, by which all others follow."""
    billing_cycle_anchor_config: Annotated[Input[BillingCycleAnchorConfig] | None, IMMUTABLE, UNREADABLE]
    """The day and time at which periods begin, instead of `billing_cycle_anchor`."""
    billing_mode: Annotated[Input[BillingMode] | None, IMMUTABLE, Default({"type": "flexible"})]
    """classic can become flexible in place, never back."""
    billing_schedules: Annotated[Input[List[Input[BillingSchedule]]] | None, UNREADABLE]
    """What is billed ahead."""
    billing_thresholds: Input[BillingThresholds] | None
    """When an invoice is made before the period ends."""
    cancel_at: Input[Literal["max_billed_until", "max_period_end", "min_period_end"] | Timestamp] | None
    """When it ends."""
    cancel_at_period_end: Annotated[Input[bool] | None, Default(False)]
    """Whether it ends with the running period."""
    cancellation_details: Annotated[Input[CancellationDetails] | None, RETIRE_OPTION]
    """Recorded when the subscription is cancelled."""
    collection_method: Annotated[Input[Literal["charge_automatically", "send_invoice"]] | None, Default("charge_automatically")]
    """Whether the default payment method is charged, or an invoice is sent."""
    currency: Annotated[Input[Currency] | None, IMMUTABLE, FILLED]
    """One that all of its prices have."""
    customer: Annotated[Input[str] | None, IMMUTABLE]
    """The id of the customer."""
    customer_account: Annotated[Input[str] | None, IMMUTABLE]
    """The id of the account that is the customer, instead of `customer`."""
    days_until_due: Annotated[Input[int] | None, Between(0), Unset.KEEP]
    """How many days customers have to pay an invoice that is sent."""
    default_payment_method: Input[str] | None
    """The id of the payment method that is charged; the customer's own where it is left out."""
    default_source: Input[str] | None
    """The id of the card or bank account that is charged; of the old kind, before payment methods."""
    default_tax_rates: Input[List[Input[str]]] | None
    """The ids of the tax rates of items without their own."""
    description: Annotated[Input[str] | None, Length(500)]
    """What customers see in the portal and on invoices."""
    discounts: Annotated[Input[List[Input[Discount]]] | None, UNREADABLE]
    """What is taken off the invoices, besides discounts of single items."""
    invoice_now: Annotated[Input[bool] | None, RETIRE_OPTION]
    """When it is cancelled: bill the usage that was not invoiced yet. Default true; with false that usage is never billed."""
    invoice_settings: Annotated[Input[SubscriptionInvoiceSettings] | None, Unset.INSIDE]
    """What its invoices have."""
    metadata: Input[Metadata] | None
    """For yourself, by keys of your own; up to 48."""
    off_session: Annotated[Input[bool] | None, OPTION]
    """Whether the customer is absent and cannot confirm a payment."""
    on_behalf_of: Input[str] | None
    """The id of the connected account that charges."""
    pause_collection: Annotated[Input[PauseCollection] | None, UPDATE_ONLY]
    """Stops collecting, while it goes on."""
    payment_behavior: Annotated[
        Input[Literal["allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"]] | None,
        OPTION,
    ]
    """What happens when the first payment, or that of an update, fails."""
    payment_settings: Annotated[Input[PaymentSettings] | None, Unset.INSIDE]
    """Which payment methods its invoices take, and how."""
    pending_invoice_item_interval: Input[PendingInvoiceItemInterval] | None
    """How often pending items are invoiced, beside the periods."""
    prorate: Annotated[Input[bool] | None, RETIRE_OPTION]
    """When it is cancelled: credit the unused time of licensed prices. Default false."""
    proration_behavior: Annotated[Input[Literal["always_invoice", "create_prorations", "none"]] | None, OPTION]
    """Whether a change in the middle of a period is billed pro rata, and when."""
    proration_date: Annotated[Input[Timestamp] | None, OPTION, UPDATE_ONLY]
    """The time by which a change is billed; that of the request where it is left out."""
    transfer_data: Input[TransferData] | None
    """The connected account that gets the money."""
    trial_end: Annotated[Input[Literal["now"] | Timestamp] | None, UNREADABLE, Unset.KEEP]
    """When the trial ends."""
    trial_from_plan: Annotated[Input[bool] | None, OPTION, CREATE_ONLY]
    """Whether the trial is that of the prices."""
    trial_period_days: Annotated[Input[int] | None, Between(1, 730), IMMUTABLE, UNREADABLE]
    """How long the trial is."""
    trial_settings: Annotated[
        Input[TrialSettings] | None, Default({"end_behavior": {"missing_payment_method": "create_invoice"}})
    ]
    """What happens when the trial ends."""


INVOICED = When("collection_method", "send_invoice", default="charge_automatically")
RULES = (
    ExactlyOne(("customer", "customer_account"), "a subscription has one customer", give="the id of a customer"),
    AtMostOne(("trial_end", "trial_period_days"), "both say when the trial ends"),
    AtMostOne(("billing_cycle_anchor", "billing_cycle_anchor_config"), "both say when periods begin"),
    NotWith("cancel_at", When("cancel_at_period_end", True)),
    Needs("days_until_due", "a number of days", INVOICED),
    OnlyWith("days_until_due", INVOICED),
    Distinct("items", "a price can be billed once", key="price"),
    ExactlyOne(("price", "price_data"), "something billed once has one price", at="add_invoice_items[]"),
    *(
        ExactlyOne(("coupon", "discount", "promotion_code"), "a discount comes from one of them", at=f"{of}discounts[]")
        for of in ("", "items[].", "add_invoice_items[].")
    ),
)

_FIELDS = fields_of(SubscriptionArgs)
ITEM = Object(fields_of(SubscriptionItem))

COURSE = frozenset({"trialing", "active", "past_due", "unpaid", "incomplete"})
"""The statuses between which trials and payments move a subscription, without anybody having changed it."""

ENDS = ("cancel_at", "cancel_at_period_end")


def usage_rules(schema: Schema, olds: Inputs, inputs: Inputs) -> Iterable[Failure]:
    """Usage of a metered price that an item leaves has to be billed. `olds` are the inputs in the state.

    Knows the metered prices that the program declared; what else there is, the update itself finds out before its first request.
    """
    old, new = olds.get("items"), inputs.get("items")
    if not isinstance(old, Sequence) or not isinstance(new, Sequence):
        return
    kept = {i.get("price") for i in new if isinstance(i, Mapping)}
    metered = olds.get(METERED) or ()
    going = [i["price"] for n, i in enumerate(old) if n in metered and i["price"] not in kept]
    replaces = set(difference(schema, olds, inputs).replaces) - ({"billing_mode"} if _becomes_flexible(olds, inputs) else set())
    if going and not replaces:  # a subscription that is replaced is cancelled, which bills its usage
        reason = moves.unbilled(_wanted_mode(inputs), inputs.get("proration_behavior"))
        if reason:
            yield Failure("items", f"{going[0]} is metered and goes: {reason}; {_remedy(inputs)}")


def _wanted_mode(inputs: Inputs) -> Any:
    """The billing mode; flexible where none is declared, which is what Stripe makes by itself, and where it is not known yet."""
    billing_mode = inputs.get("billing_mode")
    mode = billing_mode.get("type") if isinstance(billing_mode, Mapping) else UNKNOWN
    return "flexible" if mode is UNKNOWN else mode


def _remedy(inputs: Inputs) -> str:
    if inputs.get("proration_behavior") == "none":
        return "leave proration_behavior out of this change"
    return 'declare billing_mode={"type": "flexible"}, which is changed in place before the items are, and for good'


class SubscriptionBehaviour(Behaviour):
    """Items are changed one by one; a subscription is cancelled, never deleted, and cannot be revived."""

    def rules(self, inputs: Inputs, olds: Inputs | None) -> Iterable[Failure]:
        """Metered prices have no quantity, and their usage is billed before they go."""
        yield from metered_rules(inputs.get("items"), inputs.get(METERED) or (), "items")
        if olds is not None:
            yield from usage_rules(self.schema, olds, inputs)

    def live(self, live: Values) -> Values:
        """The list object of items becomes a plain list, whose prices are ids."""
        return {**live, "items": item_changes.plain(live.get("items"))}

    def outputs(self, outputs: dict[str, Any], declared: Values, live: Values) -> dict[str, Any]:
        """Items keep their ids, by which they are changed later; and what comes about by itself is no drift."""
        result = {**outputs, "items": item_changes.seen(ITEM, declared.get("items") or [], live["items"])}
        if {declared.get("status"), live.get("status")} <= COURSE:
            result["status"] = declared["status"]
        if self.concluded(live, declared):
            result.update({name: declared[name] for name in ENDS if name in declared})
        return result

    def adjust(self, difference: Difference, olds: Values, news: Values) -> Difference:
        """Compares items by identity; a classic subscription can become flexible in place; one that is over cannot change."""
        if olds.get("status") in OVER:
            revived = [name for name in ENDS if name in difference.changed]
            return Difference(list(revived), revived)
        if "items" in difference.changed and not _item_changes(olds, news):
            difference.changed.remove("items")
        if "billing_mode" in difference.replaces and _becomes_flexible(olds, news):
            difference.replaces.remove("billing_mode")
        # Stripe bills a customer in one currency at a time, so the old subscription has to end before the new one begins.
        difference.delete_before_replace = "currency" in difference.replaces and "customer" not in difference.replaces
        return difference

    def conflicts(self, live: Values, inputs: Values) -> list[str]:
        """A classic subscription that is declared to be flexible becomes so in place."""
        becomes_flexible = "billing_mode" in inputs and _becomes_flexible(self.seen(live), inputs)
        return [name for name in super().conflicts(live, inputs) if name != "billing_mode" or not becomes_flexible]

    def update(self, update: Update) -> Values | None:
        """Moves a classic subscription to flexible billing first, then sends the items that change, each by its id.

        Raises StripeError where usage would be lost. https://docs.stripe.com/api/subscriptions/migrate
        """
        client, olds, news = update.client, update.olds, update.news
        becomes_flexible, items_change = _becomes_flexible(olds, news), bool(_item_changes(olds, news))
        if not becomes_flexible and not items_change:
            return update.send(update.params)
        live = client.get(update.path)
        items = _item_changes_now(client, live, olds, news)
        if items_change:
            _refuse_losing_usage(live, items, news, becomes_flexible)
        if becomes_flexible and _live_mode(live) != "flexible":  # a run that died may have done it
            live = client.post(f"{update.path}/migrate", {"billing_mode": _billing_mode(news)}).body
        return update.send(_with_items(update.params, items)) or live

    def concluded(self, live: Values, values: Values) -> bool:
        """Cancelled at the time that the program says: made anew, it would bill on. Before that time it was somebody else."""
        if live.get("status") != "canceled" or not ("cancel_at" in values or values.get("cancel_at_period_end")):
            return False
        wanted = values.get("cancel_at")
        due = wanted if isinstance(wanted, int) else live.get("cancel_at")
        return due is None or live.get("ended_at") is None or bool(live["ended_at"] >= due)

    def retire(self, client: Client, path: str, retirement: Retirement) -> None:
        """Cancels at once. Usage that was not invoiced yet is billed, unless `invoice_now` says otherwise."""
        outputs = retirement.outputs
        params: dict[str, Any] = {
            "invoice_now": outputs.get("invoice_now", True),
            "prorate": outputs.get("prorate", False),
        }
        if outputs.get("cancellation_details"):
            params["cancellation_details"] = outputs["cancellation_details"]
        client.delete(path, params)


def _with_items(params: Values, items: list[dict[str, Any]]) -> Values:
    """The parameters with these items, if there are any; {} where then only options are left."""
    if "items" not in params:
        return params
    if items:
        return {**params, "items": items}
    rest = {k: v for k, v in params.items() if k != "items"}
    return rest if any(_FIELDS[name].role is not Role.OPTION for name in rest) else {}


def _item_changes(olds: Values, news: Values) -> list[dict[str, Any]]:
    wished = news["items"]
    if wished is UNKNOWN:
        return [{"id": UNKNOWN}]
    return item_changes.changes(ITEM, wished, olds.get("items") or [])


def _billing_mode(news: Values) -> Any:
    return news.get("billing_mode", _FIELDS["billing_mode"].default)


def _item_changes_now(client: Client, live: Values, olds: Values, news: Values) -> list[dict[str, Any]]:
    """The changes to the items that Stripe has by now, which a run that died may have changed already."""
    wished, now = news["items"], item_changes.plain(live.get("items"))
    present = item_changes.present(ITEM, wished, olds.get("items") or [], now)
    declared = {i["id"] for i in olds.get("items") or [] if "quantity" in i}

    def is_metered(price: str) -> bool:
        return moves.is_metered(client.get(f"/v1/prices/{price}"))

    return item_changes.with_quantities(item_changes.changes(ITEM, wished, present), now, is_metered, declared)


def _refuse_losing_usage(live: Values, changes: list[dict[str, Any]], news: Values, becomes_flexible: bool) -> None:
    going = [i["price"]["id"] for i in item_changes.leaving(changes, moves.items_of(live)) if moves.is_metered(i["price"])]
    mode = "flexible" if becomes_flexible else _live_mode(live)
    reason = moves.unbilled(mode, news.get("proration_behavior"))
    if going and reason:
        raise StripeError(f"items: {going[0]} is metered and goes: {reason}; {_remedy(news)}")


def _live_mode(live: Values) -> Any:
    return (live.get("billing_mode") or {}).get("type")


def _becomes_flexible(olds: Values, news: Values) -> bool:
    old, new = olds.get("billing_mode"), _billing_mode(news)
    return isinstance(old, Mapping) and isinstance(new, Mapping) and (old.get("type"), new.get("type")) == ("classic", "flexible")


class Subscription(
    StripeResource,
    path="/v1/subscriptions",
    arguments=SubscriptionArgs,
    behaviour=SubscriptionBehaviour,
    # Stripe still answers for one that is cancelled, but nothing brings it back.
    lifecycle=Lifecycle(gone=has("status", *OVER)),
    irreversible="a cancelled subscription cannot be revived, and its customer is not served any more",
    left_out={
        "items.plan": "plans are what prices were before 2020: give `price`",
        "items.price_data": "an inline price is nobody's to manage: declare a Price",
        **dict.fromkeys(("items.id", "items.deleted"), "part of how items are changed, which the provider works out"),
        "items.clear_usage": "throws usage away unbilled, and Stripe refuses it under flexible billing",
    },
    creation_only={
        "add_invoice_items": "billed once: sent again with every update it would be billed again",
        "billing_cycle_anchor": "a time at creation, {now, unchanged} later: a declared time that changes is a new subscription",
        "trial_from_plan": "says how a subscription starts",
        "cancellation_details": "sent when the subscription is cancelled",
    },
    rules=RULES,
):
    """Bills a customer for prices. A changed price is moved item by item; deleting the subscription cancels it at once and
    bills the usage that was not invoiced yet (see `invoice_now`).

    An example:

        product = Product("api", name="API")
        monthly = Price(
            "api-monthly",
            product=product.id,
            currency="usd",
            unit_amount=2000,
            recurring={"interval": "month"},
        )
        customer = Customer("acme", name="Acme")
        Subscription(
            "acme-api",
            customer=customer.id,
            items=[{"price": monthly.id, "quantity": 1}],
            collection_method="send_invoice",
            days_until_due=14,
        )
    """

    # arguments: begin (written by `python -m scripts.resource_exports`)
    adopt: pulumi.Output[bool | str]
    add_invoice_items: pulumi.Output[Sequence[Any]]
    application_fee_percent: pulumi.Output[float]
    automatic_tax: pulumi.Output[Any]
    backdate_start_date: pulumi.Output[int]
    billing_cycle_anchor: pulumi.Output[int]
    billing_cycle_anchor_config: pulumi.Output[Any]
    billing_mode: pulumi.Output[Any]
    billing_schedules: pulumi.Output[Sequence[Any]]
    billing_thresholds: pulumi.Output[Any]
    cancel_at: pulumi.Output[Literal["max_billed_until", "max_period_end", "min_period_end"] | int]
    cancel_at_period_end: pulumi.Output[bool]
    cancellation_details: pulumi.Output[Any]
    collection_method: pulumi.Output[Literal["charge_automatically", "send_invoice"]]
    currency: pulumi.Output[str]
    customer: pulumi.Output[str]
    customer_account: pulumi.Output[str]
    days_until_due: pulumi.Output[int]
    default_payment_method: pulumi.Output[str]
    default_source: pulumi.Output[str]
    default_tax_rates: pulumi.Output[Sequence[str]]
    description: pulumi.Output[str]
    discounts: pulumi.Output[Sequence[Any]]
    invoice_now: pulumi.Output[bool]
    invoice_settings: pulumi.Output[Any]
    metadata: pulumi.Output[Mapping[str, str]]
    off_session: pulumi.Output[bool]
    on_behalf_of: pulumi.Output[str]
    pause_collection: pulumi.Output[Any]
    payment_behavior: pulumi.Output[
        Literal["allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"]
    ]
    payment_settings: pulumi.Output[Any]
    pending_invoice_item_interval: pulumi.Output[Any]
    prorate: pulumi.Output[bool]
    proration_behavior: pulumi.Output[Literal["always_invoice", "create_prorations", "none"]]
    proration_date: pulumi.Output[int]
    transfer_data: pulumi.Output[Any]
    trial_end: pulumi.Output[Literal["now"] | int]
    trial_from_plan: pulumi.Output[bool]
    trial_period_days: pulumi.Output[int]
    trial_settings: pulumi.Output[Any]
    # arguments: end
    items: pulumi.Output[Sequence[Mapping[str, Any]]]
    """As declared, each with its `id`."""
    status: pulumi.Output[str]
    """As of the last deployment, while trials end and payments come and go; `paused` and `canceled` as they come about."""
    created: pulumi.Output[int]
    """Unix seconds, UTC."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **args: Unpack[SubscriptionArgs]) -> None:
        metered = metered_items(args.get("items"))
        super().__init__(resource_name, args, opts, internal={METERED: metered} if metered else {})
