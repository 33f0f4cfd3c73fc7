"""An account that nobody declared: objects of all shapes, made with Stripe's own client."""

from __future__ import annotations

from typing import Any

from tests.stripe_local.server import LocalStripe

TIERS: list[Any] = [
    {"up_to": 100, "unit_amount": 4, "flat_amount": 0},
    {"up_to": 1000, "unit_amount_decimal": "0.25", "flat_amount_decimal": "99.5"},
    {"up_to": "inf", "unit_amount_decimal": "0.000000000001"},
]
MONTHLY: Any = {"interval": "month"}


def fill(server: LocalStripe) -> dict[str, str]:
    """Makes them; the ids of some by what they are called here."""
    stripe = server.client().v1
    ids: dict[str, str] = {}

    def meter(name: str, **more: Any) -> str:
        formula: Any = {"formula": "sum"}
        made = stripe.billing.meters.create(
            {"display_name": name.title(), "event_name": name, "default_aggregation": formula, **more}
        )
        return ids.setdefault(name, made.id)

    def product(name: str, **more: Any) -> str:
        return ids.setdefault(name, stripe.products.create({"name": name, **more}).id)

    def price(name: str, product: str, currency: str = "usd", **more: Any) -> str:
        made = stripe.prices.create({"product": product, "currency": currency, **more})
        return ids.setdefault(name, made.id)

    tokens = meter("tokens")
    calls = meter(
        "api.calls",
        default_aggregation={"formula": "count"},
        customer_mapping={"type": "by_id", "event_payload_key": "customer"},
        event_time_window="hour",
    )
    seats = meter("seats", default_aggregation={"formula": "last"}, value_settings={"event_payload_key": "seats"})

    model = product(
        'Café "Zürich" \\ 東京',
        description="One line\nand another\u202e",
        images=["https://example.com/a.png"],
        marketing_features=[{"name": "Fast"}, {"name": "Exact"}],
        metadata={"team": "billing", "quote'": "\"'\\", "id": "0007"},
        package_dimensions={"height": 1.5, "length": 2, "weight": 3, "width": 0.25},
        shippable=True,
        statement_descriptor="CAFE",
        tax_code="txcd_10000000",
        unit_label="token",
        url="https://example.com",
    )
    own = product("東京", id="class")
    twin = product("class")

    by_meter: dict[str, Any] = {**MONTHLY, "usage_type": "metered"}
    monthly = price(
        "monthly",
        model,
        unit_amount=4,
        transform_quantity={"divide_by": 100, "round": "up"},
        recurring={**by_meter, "meter": tokens},
        lookup_key="tokens_monthly",
        nickname="Tokens",
        metadata={"plan": "a"},
        tax_behavior="exclusive",
    )
    price("yearly", model, "eur", unit_amount_decimal="0.0015", recurring={**by_meter, "interval": "year", "meter": calls})
    price("tiered", own, billing_scheme="tiered", tiers_mode="volume", tiers=TIERS, recurring={**by_meter, "meter": seats})
    price(
        "tiers in three currencies",
        own,
        billing_scheme="tiered",
        tiers_mode="graduated",
        tiers=TIERS,
        recurring={**MONTHLY, "interval_count": 3},
        currency_options={"eur": {"tiers": TIERS[-1:], "tax_behavior": "inclusive"}, "jpy": {"tiers": TIERS}},
    )
    price("trial", own, unit_amount=0, recurring={**MONTHLY, "trial_period_days": 14})
    price("once", twin, unit_amount=900, currency_options={"eur": {"unit_amount_decimal": "812.5"}, "gbp": {"unit_amount": 700}})
    price("tip", twin, custom_unit_amount={"enabled": True, "minimum": 100, "preset": 500})

    # Out of use, in all ways.
    archived = product("Archived")
    price("of an archived product", archived, unit_amount=1)
    stripe.products.update(archived, {"active": False})
    stripe.prices.update(price("archived price", twin, unit_amount=2), {"active": False})
    stripe.billing.meters.deactivate(meter("deactivated"))

    # Somebody else's.
    theirs = product("Theirs", metadata={"pulumi_resource": "other/prod/Product/theirs"})
    counted = meter("theirs")
    price(
        "their price",
        theirs,
        unit_amount=3,
        recurring={**by_meter, "meter": counted},
        metadata={"pulumi_resource": "other/prod/Price/theirs"},
    )

    customer = stripe.customers.create({"name": "John Doe", "email": "john@example.com", "balance": -500})
    inline: Any = {"currency": "usd", "product": twin, "unit_amount": 5, "recurring": MONTHLY}
    subscription = stripe.subscriptions.create(
        {
            "customer": customer.id,
            "items": [{"price": monthly}, {"price_data": inline, "quantity": 3}],
            "collection_method": "send_invoice",
            "days_until_due": 30,
            "description": "Tokens",
        }
    )
    ids |= {"customer": customer.id, "subscription": subscription.id}
    server.forget_requests()
    return ids
