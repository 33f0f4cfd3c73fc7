"""Drift in every field that Stripe gives back, against a real local Stripe.

Each field goes the whole way. Changed outside, it shows in a read, and it alone; the next update (a replacement, where Stripe
cannot change it) puts it back; then a read shows nothing more. When the program drops it, Stripe's default is back, and what is
changed outside from then on shows no more.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

import pytest
import stripe

from stripe_resources._core.schema import Role, Unset
from stripe_resources.register import KINDS
from tests.wrong_inputs import ALERT, COUPON, CREDIT_GRANT, FEATURE, METER, PORTAL, PRODUCT, TAX_RATE, WEBHOOK_ENDPOINT, without

from .test_handlers import Run, Values
from .world import World

YEARS_AWAY = 4_000_000_000
SOON = int(time.time()) + 10_000_000
REPLACES = "replaces"


# -- what is changed in place


@dataclass(frozen=True)
class Case:
    """A field, declared as `ours` beside `base`, that somebody sets to `theirs`."""

    kind: str
    field: str
    ours: Any
    theirs: Any
    base: Values = attribute(default_factory=dict)
    along: tuple[str, ...] = ()
    """Fields that change, and leave the program, together with it."""
    left: Any = None
    """What Stripe has when the field has left the program."""

    def __str__(self) -> str:
        return f"{self.kind}.{self.field}"


PRICE: Values = {"currency": "usd", "product": "{product}", "unit_amount": 4, "recurring": {"interval": "month"}}
SUBSCRIPTION: Values = {"customer": "{customer}", "items": [{"price": "{price}"}]}
BOX = {"height": 1, "length": 2.5, "weight": 3, "width": 4}
A_AND_B = ({"a": "1", "b": "2"}, {"a": "x", "b": "2"})


def settings_of_a_trial(ending: str) -> Values:
    return {"end_behavior": {"missing_payment_method": ending}}


AMOUNT_OFF: Values = {"amount_off": 500, "currency": "usd"}
PROMOTION_CODE: Values = {"promotion": {"type": "coupon", "coupon": "{coupon}"}}
GRANT: Values = {**CREDIT_GRANT, "customer": "{customer}"}

MUTABLE = [
    Case("Meter", "display_name", "Tokens", "Theirs", without(METER, "display_name")),
    Case("Product", "name", "Hypernian", "Theirs"),
    Case("Product", "active", True, False, PRODUCT, left=True),
    Case("Product", "default_price", "{price}", "{other_price}", PRODUCT),
    Case("Product", "description", "Tokens", "Theirs", PRODUCT),
    Case("Product", "images", ["https://example.com/a.png"], ["https://example.com/b.png"], PRODUCT, left=[]),
    Case("Product", "marketing_features", [{"name": "fast"}], [{"name": "fast"}, {"name": "slow"}], PRODUCT, left=[]),
    Case("Product", "metadata", *A_AND_B, PRODUCT, left={"a": None, "b": None}),
    Case("Product", "package_dimensions", BOX, {**BOX, "height": 9}, PRODUCT),
    Case("Product", "shippable", True, False, PRODUCT, left=False),
    Case("Product", "statement_descriptor", "HYPERNIAN", "THEIRS", PRODUCT),
    Case("Product", "tax_code", "txcd_10000000", "txcd_20030000", PRODUCT),
    Case("Product", "unit_label", "token", "theirs", PRODUCT),
    Case("Product", "url", "https://example.com", "https://example.com/theirs", PRODUCT),
    Case("Price", "active", True, False, PRICE, left=True),
    Case("Price", "currency_options", {"eur": {"unit_amount": 5}}, {"eur": {"unit_amount": 6}}, PRICE, left=REPLACES),
    Case("Price", "lookup_key", "tokens", "theirs", PRICE),
    Case("Price", "metadata", *A_AND_B, PRICE, left={"a": None, "b": None}),
    Case("Price", "nickname", "Tokens", "Theirs", PRICE),
    Case("DefaultPrice", "default_price", "{price}", "{other_price}", {"product": "{product}"}),
    Case("Customer", "address", {"city": "Cork", "country": "IE"}, {"city": "Dublin", "country": "IE"}),
    Case("Customer", "business_name", "Hypernian", "Theirs"),
    Case("Customer", "description", "a customer", "Theirs"),
    Case("Customer", "email", "john@example.com", "theirs@example.com"),
    Case("Customer", "individual_name", "John Doe", "Theirs"),
    Case("Customer", "invoice_prefix", "HYPER", "THEIRS"),
    Case("Customer", "invoice_settings", {"footer": "Thanks"}, {"footer": "Theirs"}, left={"footer": None}),
    Case("Customer", "metadata", *A_AND_B, left={"a": None, "b": None}),
    Case("Customer", "name", "John Doe", "Theirs"),
    Case("Customer", "phone", "555", "556"),
    Case("Customer", "preferred_locales", ["en", "de"], ["de", "en"]),
    Case("Customer", "shipping", {"name": "John", "address": {"city": "Cork"}}, {"name": "John", "address": {"city": "Dublin"}}),
    Case("Customer", "tax_exempt", "exempt", "reverse", left="none"),
    Case(
        "Subscription",
        "items",
        [{"price": "{price}", "quantity": 2}],
        [{"id": "{item}", "price": "{other_price}", "quantity": 3}],
        {"customer": "{customer}", "collection_method": "send_invoice", "days_until_due": 30},
    ),
    Case("Subscription", "automatic_tax", {"enabled": True}, {"enabled": False}, SUBSCRIPTION, left={"enabled": False}),
    Case("Subscription", "cancel_at", YEARS_AWAY, YEARS_AWAY + 60, SUBSCRIPTION),
    Case("Subscription", "cancel_at_period_end", True, False, SUBSCRIPTION, left=False),
    Case(
        "Subscription",
        "collection_method",
        "send_invoice",
        "charge_automatically",
        {**SUBSCRIPTION, "days_until_due": 30},
        along=("days_until_due",),
        left="charge_automatically",
    ),
    Case("Subscription", "days_until_due", 30, 60, {**SUBSCRIPTION, "collection_method": "send_invoice"}, left=None),
    Case("Subscription", "default_payment_method", "{card}", "{other_card}", SUBSCRIPTION),
    Case("Subscription", "description", "Tokens", "Theirs", SUBSCRIPTION),
    Case("Subscription", "invoice_settings", {"footer": "Thanks"}, {"footer": "Theirs"}, SUBSCRIPTION, left={"footer": None}),
    Case("Subscription", "metadata", *A_AND_B, SUBSCRIPTION, left={"a": None, "b": None}),
    Case("Subscription", "pause_collection", {"behavior": "void"}, {"behavior": "keep_as_draft"}, SUBSCRIPTION),
    Case(
        "Subscription",
        "payment_settings",
        {"payment_method_types": ["card"]},
        {"payment_method_types": ["link"]},
        SUBSCRIPTION,
        left={"payment_method_types": None},
    ),
    Case(
        "Subscription",
        "trial_settings",
        settings_of_a_trial("pause"),
        settings_of_a_trial("cancel"),
        SUBSCRIPTION,
        left=settings_of_a_trial("create_invoice"),
    ),
]

MUTABLE += [
    Case("Coupon", "currency_options", {"eur": {"amount_off": 450}}, {"eur": {"amount_off": 1}}, AMOUNT_OFF, left=REPLACES),
    Case("Coupon", "metadata", *A_AND_B, COUPON, left={"a": None, "b": None}),
    Case("Coupon", "name", "A quarter off", "Theirs", COUPON),
    Case("PromotionCode", "active", True, False, PROMOTION_CODE, left=True),
    Case("PromotionCode", "metadata", *A_AND_B, PROMOTION_CODE, left={"a": None, "b": None}),
    Case("TaxRate", "active", True, False, TAX_RATE, left=True),
    Case("TaxRate", "country", "IE", "DE", TAX_RATE),
    Case("TaxRate", "description", "since 2021", "Theirs", TAX_RATE),
    Case("TaxRate", "display_name", "VAT", "Theirs", without(TAX_RATE, "display_name")),
    Case("TaxRate", "jurisdiction", "Ireland", "Theirs", TAX_RATE),
    Case("TaxRate", "metadata", *A_AND_B, TAX_RATE, left={"a": None, "b": None}),
    Case("TaxRate", "state", "NY", "CA", TAX_RATE),
    Case("TaxRate", "tax_type", "vat", "gst", TAX_RATE),
    Case("EntitlementFeature", "active", True, False, FEATURE, left=True),
    Case("EntitlementFeature", "metadata", *A_AND_B, FEATURE, left={"a": None, "b": None}),
    Case("EntitlementFeature", "name", "Long context", "Theirs", without(FEATURE, "name")),
    Case("CreditGrant", "expires_at", YEARS_AWAY, YEARS_AWAY + 60, GRANT),
    Case("CreditGrant", "metadata", *A_AND_B, GRANT, left={"a": None, "b": None}),
    Case("WebhookEndpoint", "description", "alerts", "Theirs", WEBHOOK_ENDPOINT),
    Case("WebhookEndpoint", "disabled", False, True, WEBHOOK_ENDPOINT, left=False),
    Case("WebhookEndpoint", "enabled_events", ["*"], ["invoice.paid"], without(WEBHOOK_ENDPOINT, "enabled_events")),
    Case("WebhookEndpoint", "metadata", *A_AND_B, WEBHOOK_ENDPOINT, left={"a": None, "b": None}),
    Case("WebhookEndpoint", "url", "https://example.com/a", "https://example.com/b", without(WEBHOOK_ENDPOINT, "url")),
]

LINK: Values = {"line_items": [{"price": "{metered_price}"}]}
SESSIONS: Values = {"completed_sessions": {"limit": 5}}
ON, OFF = {"enabled": True}, {"enabled": False}


def redirect(url: str) -> Values:
    return {"type": "redirect", "redirect": {"url": url}}


def text(message: str) -> Values:
    return {"submit": {"message": message}}


def updates(behavior: str, prices: str = "{price}") -> Values:
    products = [{"product": "{product}", "prices": [prices]}]
    return {"subscription_update": {**ON, "products": products, "proration_behavior": behavior}}


MUTABLE += [
    Case("PaymentLink", "active", True, False, LINK, left=True),
    Case(
        "PaymentLink",
        "after_completion",
        redirect("https://a"),
        redirect("https://b"),
        LINK,
        left={"type": "hosted_confirmation"},
    ),
    Case("PaymentLink", "allow_promotion_codes", True, False, LINK, left=False),
    Case("PaymentLink", "automatic_tax", ON, OFF, LINK, left=OFF),
    Case("PaymentLink", "billing_address_collection", "required", "auto", LINK, left="auto"),
    Case(
        "PaymentLink",
        "consent_collection",
        {"terms_of_service": "required"},
        {"terms_of_service": "none"},
        LINK,
        left={"terms_of_service": "none"},
    ),
    Case("PaymentLink", "custom_text", text("ours"), text("theirs"), LINK, left={"submit": None}),
    Case("PaymentLink", "inactive_message", "Ours", "Theirs", LINK),
    Case("PaymentLink", "metadata", *A_AND_B, LINK, left={"a": None, "b": None}),
    Case("PaymentLink", "name_collection", {"business": ON}, {"business": OFF}, LINK),
    Case("PaymentLink", "payment_method_collection", "if_required", "always", LINK, left="always"),
    Case("PaymentLink", "phone_number_collection", ON, OFF, LINK, left=OFF),
    Case("PaymentLink", "restrictions", SESSIONS, {"completed_sessions": {"limit": 6}}, LINK),
    Case("PaymentLink", "submit_type", "subscribe", "pay", LINK, left="auto"),
    Case(
        "PaymentLink",
        "subscription_data",
        {"metadata": {"a": "1", "b": "2"}, "trial_period_days": 7},
        {"metadata": {"a": "x", "b": "2"}},
        LINK,
        left={"metadata": {}, "trial_period_days": None},
    ),
    Case("PaymentLink", "tax_id_collection", ON, OFF, LINK, left=OFF),
    Case("PortalConfiguration", "active", True, False, PORTAL, left=True),
    Case(
        "PortalConfiguration",
        "business_profile",
        {"headline": "Ours"},
        {"headline": "Theirs"},
        PORTAL,
        left={"headline": None},
    ),
    Case("PortalConfiguration", "default_return_url", "https://example.com/a", "https://example.com/b", PORTAL),
    Case("PortalConfiguration", "features", updates("none"), updates("always_invoice", "{other_price}")),
    Case("PortalConfiguration", "login_page", ON, OFF, PORTAL, along=("login_page_url",), left=OFF),
    Case("PortalConfiguration", "metadata", *A_AND_B, PORTAL, left={"a": None, "b": None}),
    Case("PortalConfiguration", "name", "Ours", "Theirs", PORTAL),
]


def created(case: Case, run: Run, world: World) -> tuple[str, Values, Values]:
    """(id, outputs, inputs) of the object that the case declares."""
    if str(case) == "Product.default_price":  # a price of a product that has to be there first
        world.product, outputs = run.create("Product", "it", case.base)
        args = world.filled({**case.base, case.field: case.ours})
        return world.product, run.update("Product", world.product, outputs, args) or {}, args
    args = world.filled({**case.base, case.field: case.ours})
    id_, outputs = run.create(case.kind, "it", args)
    world.item = outputs["items"][0]["id"] if "items" in outputs else ""
    return id_, outputs, args


def change_outside(case: Case, value: Any, id_: str, world: World) -> None:
    schema = KINDS[f"stripe:{case.kind}"][0]
    world.made(f"{schema.path}/{id_}", **{schema.fields[case.field].stripe_name: value})


def differing(a: Values, b: Values) -> set[str]:
    return {k for k in a.keys() | b.keys() if a.get(k) != b.get(k)}


def assert_repaired(case: Case, id_: str, outputs: Values, args: Values, run: Run) -> None:
    """What was changed outside shows; it is put back; nothing shows any more."""
    found = run.read(case.kind, id_, outputs)
    assert found is not None
    shown, inputs = found
    assert differing(shown, outputs) == {case.field, *case.along}
    declarable = {name for name in case.along if name in KINDS[f"stripe:{case.kind}"][0].fields}
    assert differing(inputs, {**args, "__owner": outputs["__owner"]}) == {case.field, *declarable}
    assert run.update(case.kind, id_, shown, args) == outputs
    again = run.read(case.kind, id_, outputs)
    assert again is not None
    assert again[0] == outputs


@pytest.mark.parametrize("case", MUTABLE, ids=str)
def test_what_is_changed_outside_shows_and_is_put_back(case: Case, run: Run, world: World) -> None:
    id_, outputs, args = created(case, run, world)
    change_outside(case, world.filled(case.theirs), id_, world)
    assert_repaired(case, id_, outputs, args, run)


CLEARABLE = [c for c in MUTABLE if (f := KINDS[f"stripe:{c.kind}"][0].fields[c.field]).unset is Unset.EMPTY and not f.required]


@pytest.mark.parametrize("case", CLEARABLE, ids=str)
def test_what_is_removed_outside_shows_and_is_put_back(case: Case, run: Run, world: World) -> None:
    id_, outputs, args = created(case, run, world)
    change_outside(case, "", id_, world)
    assert_repaired(case, id_, outputs, args, run)


def cut(value: Any, live: Any) -> Any:
    """What Stripe has, cut to the parts of a value."""
    return {k: cut(v, (live or {}).get(k)) for k, v in value.items()} if isinstance(value, dict) else live


OPTIONAL = [c for c in MUTABLE if not KINDS[f"stripe:{c.kind}"][0].fields[c.field].required]


@pytest.mark.parametrize("case", OPTIONAL, ids=str)
def test_what_leaves_the_program_goes_back_to_stripes_default_and_shows_no_more(case: Case, run: Run, world: World) -> None:
    schema = KINDS[f"stripe:{case.kind}"][0]
    field = schema.fields[case.field]
    together = {"days_until_due": ("collection_method",)}.get(case.field, case.along)
    id_, outputs, args = created(case, run, world)
    rest = without(args, case.field, *together)
    if case.left == REPLACES:
        new, after = run.replace(case.kind, id_, outputs, rest)
        assert run.update(case.kind, new, after, rest) is None
        return
    before = world.live(case.kind, id_)
    if field.enforced and case.ours == field.default:  # declared or not: the default is what is wanted
        assert run.update(case.kind, id_, outputs, rest) is None
        return
    after_or_none = run.update(case.kind, id_, outputs, rest)
    assert after_or_none is not None
    after: Values = after_or_none
    live = world.live(case.kind, id_)
    kept = field.unset is Unset.KEEP and not together
    assert cut(case.left, live[field.stripe_name]) == (before[field.stripe_name] if kept else case.left)
    assert run.update(case.kind, id_, after, rest) is None
    if field.enforced:
        return
    if not together:
        change_outside(case, world.filled(case.theirs), id_, world)
    found = run.read(case.kind, id_, after)
    assert found is not None
    assert found[0] == after
    assert case.field not in found[1]


# -- what only a new object can have


IMMUTABLE = [
    Case("Meter", "event_name", "tokens", "theirs", without(METER, "event_name")),
    Case("Meter", "default_aggregation", {"formula": "sum"}, {"formula": "count"}, without(METER, "default_aggregation")),
    Case(
        "Meter",
        "customer_mapping",
        {"event_payload_key": "ours", "type": "by_id"},
        {"event_payload_key": "theirs", "type": "by_id"},
        METER,
    ),
    Case("Meter", "event_time_window", "day", "hour", METER),
    Case("Meter", "value_settings", {"event_payload_key": "ours"}, {"event_payload_key": "theirs"}, METER),
    Case("Product", "product_id", "ours", "theirs", PRODUCT),
    Case("Price", "currency", "usd", "eur", without(PRICE, "currency")),
    Case("Price", "product", "{product}", "{other_product}", without(PRICE, "product")),
    Case("Price", "recurring", {"interval": "month"}, {"interval": "year"}, without(PRICE, "recurring")),
    Case("Price", "tax_behavior", "inclusive", "exclusive", PRICE),
    Case("Price", "transform_quantity", {"divide_by": 100, "round": "up"}, {"divide_by": 10, "round": "up"}, PRICE),
    Case("Price", "unit_amount", 4, 5, without(PRICE, "unit_amount")),
    Case("Price", "unit_amount_decimal", "0.04", "0.05", without(PRICE, "unit_amount")),
    Case(
        "Price",
        "custom_unit_amount",
        {"enabled": True, "minimum": 100},
        {"enabled": True, "minimum": 200},
        without(PRICE, "unit_amount", "recurring"),
    ),
    Case("Subscription", "billing_mode", {"type": "classic"}, {"type": "flexible"}, SUBSCRIPTION),
    Case("Subscription", "currency", "usd", "eur", SUBSCRIPTION),
    Case("Subscription", "customer", "{customer}", "{other_customer}", without(SUBSCRIPTION, "customer")),
]
MONEY: Values = {"type": "monetary", "monetary": {"currency": "usd", "value": 1000}}
THRESHOLD: Values = {"gte": 10, "meter": "{meter}", "recurrence": "one_time"}
REPEATING: Values = {**COUPON, "duration": "repeating"}
IMMUTABLE += [
    Case("Coupon", "amount_off", 500, 400, {"currency": "usd"}),
    Case("Coupon", "applies_to", {"products": ["{product}"]}, {"products": ["{other_product}"]}, COUPON),
    Case("Coupon", "coupon_id", "OURS", "THEIRS", COUPON),
    Case("Coupon", "currency", "usd", "eur", {"amount_off": 500}),
    Case("Coupon", "duration", "forever", "once", COUPON),
    Case("Coupon", "duration_in_months", 3, 4, REPEATING),
    Case("Coupon", "max_redemptions", 10, 20, COUPON),
    Case("Coupon", "percent_off", 25, 12.5),
    Case("Coupon", "redeem_by", SOON, SOON + 60, COUPON),
    Case("PromotionCode", "code", "OURS", "THEIRS", PROMOTION_CODE),
    Case("PromotionCode", "customer", "{customer}", "{other_customer}", PROMOTION_CODE),
    Case("PromotionCode", "expires_at", SOON, SOON + 60, PROMOTION_CODE),
    Case("PromotionCode", "max_redemptions", 10, 20, PROMOTION_CODE),
    Case(
        "PromotionCode",
        "promotion",
        {"type": "coupon", "coupon": "{coupon}"},
        {"type": "coupon", "coupon": "{other_coupon}"},
        {"code": "OURS"},
    ),
    Case(
        "PromotionCode",
        "restrictions",
        {"minimum_amount": 100, "minimum_amount_currency": "usd", "currency_options": {"eur": {"minimum_amount": 90}}},
        {"minimum_amount": 100, "minimum_amount_currency": "usd", "currency_options": {"eur": {"minimum_amount": 80}}},
        PROMOTION_CODE,
    ),
    Case("TaxRate", "inclusive", False, True, without(TAX_RATE, "inclusive")),
    Case("TaxRate", "percentage", 8.875, 9, without(TAX_RATE, "percentage")),
    Case("EntitlementFeature", "lookup_key", "ours", "theirs", without(FEATURE, "lookup_key")),
    Case("CreditGrant", "amount", MONEY, {**MONEY, "monetary": {"currency": "eur", "value": 1000}}, without(GRANT, "amount")),
    Case(
        "CreditGrant",
        "applicability_config",
        {"scope": {"prices": [{"id": "{metered_price}"}]}},
        {"scope": {"prices": [{"id": "{other_metered_price}"}]}},
        without(GRANT, "applicability_config"),
    ),
    Case("CreditGrant", "category", "promotional", "paid", GRANT),
    Case("CreditGrant", "customer", "{customer}", "{other_customer}", without(GRANT, "customer")),
    Case("CreditGrant", "effective_at", SOON, SOON + 60, GRANT),
    Case("CreditGrant", "name", "Ours", "Theirs", GRANT),
    Case("CreditGrant", "priority", 0, 50, GRANT),
    Case("Alert", "title", "Ours", "Theirs", {"alert_type": "usage_threshold", "usage_threshold": THRESHOLD}),
    Case("Alert", "usage_threshold", THRESHOLD, {**THRESHOLD, "gte": 20}, without(ALERT, "usage_threshold")),
    Case("PaymentLink", "currency", "eur", "usd", {"line_items": [{"price": "{price}", "quantity": 1}]}),
    Case("PaymentLink", "line_items", [{"price": "{metered_price}"}], [{"price": "{other_metered_price}"}]),
    Case("WebhookEndpoint", "api_version", "2026-08-26.dahlia", "2026-07-29.dahlia", WEBHOOK_ENDPOINT),
]
METERED = {"interval": "month", "usage_type": "metered", "meter": "{meter}"}
TIERS = [{"up_to": 10, "unit_amount": 4}, {"up_to": "inf", "unit_amount": 3}]
TIERED: Values = {
    **without(PRICE, "unit_amount"),
    "recurring": METERED,
    "billing_scheme": "tiered",
    "tiers_mode": "graduated",
    "tiers": TIERS,
}
IMMUTABLE += [
    Case("Price", "tiers_mode", "graduated", "volume", TIERED),
    Case("Price", "tiers", TIERS, [{"up_to": 20, "unit_amount": 4}, TIERS[1]], TIERED),
    Case("Price", "tiers", TIERS, [{"up_to": 10, "unit_amount_decimal": "4.5"}, TIERS[1]], TIERED),
    Case("Price", "tiers", TIERS, [{"up_to": 10, "unit_amount": 4, "flat_amount": 100}, TIERS[1]], TIERED),
    Case("Price", "tiers", TIERS, [TIERS[0], {"up_to": 20, "unit_amount": 3}, {"up_to": "inf", "unit_amount": 2}], TIERED),
]


@pytest.mark.parametrize("case", IMMUTABLE, ids=str)
def test_what_stripe_cannot_change_shows_and_is_replaced(case: Case, run: Run, world: World) -> None:
    """Nobody can change it outside: the state came to name another object, by an edit or an old backup."""
    schema = KINDS[f"stripe:{case.kind}"][0]
    id_, outputs, args = created(case, run, world)
    run.handler(case.kind).delete(id_, outputs)
    theirs = world.filled({**case.base, case.field: case.theirs})
    other = world.made(schema.path, **{schema.fields[k].stripe_name: v for k, v in theirs.items()})["id"]

    found = run.read(case.kind, other, outputs)
    assert found is not None
    shown, inputs = found
    assert case.field in differing(shown, outputs)
    assert differing(inputs, {**args, "__owner": outputs["__owner"]}) == {case.field}
    new, after = run.replace(case.kind, other, shown, args)
    assert new != other
    own = ("created", "items", "secret", "line_items", "url")
    assert differing(without(after, *own), without(outputs, *own)) == set()
    again = run.read(case.kind, new, after)
    assert again is not None
    assert again[0] == after


def test_a_billing_scheme_shows_and_is_replaced(run: Run, world: World) -> None:
    tiered, flat = world.filled(TIERED), world.filled({**PRICE, "recurring": METERED})
    id_, outputs = run.create("Price", "it", tiered)
    run.handler("Price").delete(id_, outputs)
    other = world.made("/v1/prices", **flat)["id"]
    found = run.read("Price", other, outputs)
    assert found is not None
    assert found[0]["billing_scheme"] == "per_unit"
    new, after = run.replace("Price", other, found[0], tiered)
    assert after["billing_scheme"] == world.live("Price", new)["billing_scheme"] == "tiered"


# -- what the local Stripe does not have

ABSENT: dict[str, Any] = {
    "CreditGrant.customer_account": "acct_1",
    "PromotionCode.customer_account": "acct_1",
    "Customer.default_source": "card_1",
    "Customer.test_clock": "clock_1",
    "Subscription.application_fee_percent": 10,
    "Subscription.billing_thresholds": {"amount_gte": 1000},
    "Subscription.customer_account": "acct_1",
    "Subscription.default_source": "card_1",
    "Subscription.default_tax_rates": ["txr_1"],
    "Subscription.on_behalf_of": "acct_1",
    "Subscription.pending_invoice_item_interval": {"interval": "month"},
    "Subscription.transfer_data": {"destination": "acct_1"},
}
"""Fields that it refuses by name: their drift is tried without a server, in `test_drift_shapes`."""


@pytest.mark.parametrize("path", ABSENT)
def test_what_is_not_tried_here_does_not_exist_here(path: str, world: World) -> None:
    kind, _, name = path.partition(".")
    schema = KINDS[f"stripe:{kind}"][0]
    bases: dict[str, Values] = {
        "Subscription": {} if name == "customer_account" else SUBSCRIPTION,
        "CreditGrant": without(GRANT, "customer"),
        "PromotionCode": PROMOTION_CODE,
    }
    base = world.filled(bases.get(kind, {}))
    at = f"{schema.path}/{world.customer}" if schema.fields[name].only == "update" else schema.path
    with pytest.raises(stripe.InvalidRequestError, match=name):
        world.made(at, **base, **{name: ABSENT[path]})


def test_every_field_that_stripe_gives_back_is_tried() -> None:
    tried = {str(c) for c in (*MUTABLE, *IMMUTABLE)} | set(ABSENT) | {"Price.billing_scheme"}
    tried |= {"ProductFeature.entitlement_feature"}  # in test_offers
    tried |= {"Alert.alert_type"}  # there is one only
    compared = {
        f"{schema.kind}.{name}"
        for schema, _ in KINDS.values()
        for name, field in schema.fields.items()
        if field.readable and field.role in (Role.MUTABLE, Role.IMMUTABLE)
    }
    assert tried == compared - {"DefaultPrice.product"}, "it is a part of its product: that one's id is its own"
