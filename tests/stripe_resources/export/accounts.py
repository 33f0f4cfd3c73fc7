"""Accounts of any size that nobody declared, as people and applications make them with Stripe's own client.

Nothing here comes from the export or from what it knows of the kinds: the fields are those of Stripe's reference. The same seed
makes the same account, but for the ids that Stripe gives.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import stripe

Values = dict[str, Any]

KINDS = (
    *(
        "meter",
        "product",
        "price",
        "coupon",
        "tax_rate",
        "shipping_rate",
        "feature",
        "customer",
        "promotion_code",
        "subscription",
    ),
    *("credit_grant", "alert", "payment_link", "portal", "payment_methods", "webhook", "destination"),
)
"""What is made, none before what it refers to."""

SHARES = dict(zip(KINDS, (4, 12, 38, 4, 2, 1, 2, 12, 4, 12, 2, 1, 2, 1, 1, 1, 1), strict=True))
"""How many of a hundred objects are of a kind."""
MOST = {"webhook": 15}
"""How many an account can have, of which a test may need one: https://docs.stripe.com/webhooks"""

CURRENCIES = ("usd", "eur", "gbp", "jpy", "chf")
WORDS = (
    "Tokens",
    "Seats",
    "Café",
    "東京",
    "API calls",
    "Pro (2024)",
    'The "best"',
    "class",
    "Überweisung",
    "back\\slash",
    "a\nb",
)
TAX_BEHAVIORS = ("unspecified", "exclusive", "inclusive")
YEAR = 365 * 24 * 3600


class Account:
    """An account at Stripe, and what was made in it: ids by kind."""

    def __init__(self, client: stripe.StripeClient, seed: int, size: int) -> None:
        self.client, self.stripe, self.random = client, client.v1, random.Random(seed)
        self.now = int(time.time())
        self.ids: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self.prices: list[Any] = []
        """Those that can be sold, as Stripe gave them."""
        self.payers: list[str] = []
        """Customers with a card."""
        self.anywhere: list[str] = []
        """Coupons for a customer of any currency."""
        self.billed_in: dict[str, str] = {}
        """The currency of each customer who has been billed, of whom Stripe takes no other one."""
        self._names: Counter[str] = Counter()
        for kind in KINDS:
            for _ in range(min(max(2, size * SHARES[kind] // 100), MOST.get(kind, size))):
                self.added(kind)
        self.afterwards()

    def added(self, kind: str) -> str:
        """The id of one more."""
        made: str = getattr(self, kind)().id
        self.ids[kind].append(made)
        return made

    # -- chance

    def some(self, share: float = 0.4) -> bool:
        return self.random.random() < share

    def one(self, choices: Any) -> Any:
        return self.random.choice(list(choices))

    def few(self, make: Callable[[], Any], most: int, least: int = 1) -> list[Any]:
        return [make() for _ in range(self.random.randint(least, most))]

    def maybe(self, **makers: Callable[[], Any]) -> Values:
        """Some of the fields."""
        return {name: make() for name, make in makers.items() if self.some()}

    def unique(self, word: str) -> str:
        self._names[word] += 1
        return f"{word}-{self._names[word]}"

    def words(self) -> str:
        return " ".join(self.random.sample(WORDS, self.random.randint(1, 3)))

    def amount(self) -> Values:
        """Whole, with a fraction, or nothing."""
        whole = self.random.randint(0, 100_000)
        fraction = f"{self.random.randint(0, 999)}.{self.random.randint(1, 10**6):06d}"
        return self.one([{"unit_amount": whole}, {"unit_amount": 0}, {"unit_amount_decimal": fraction}])

    def metadata(self) -> dict[str, str]:
        return {self.unique("key"): self.words() for _ in range(self.random.randint(1, 3))}

    def address(self) -> Values:
        return {
            "country": self.one(["IE", "DE", "US"]),
            **self.maybe(city=self.words, line1=self.words, line2=self.words, postal_code=lambda: "12345", state=lambda: "CA"),
        }

    def later(self) -> int:
        return self.now + self.random.randint(YEAR // 12, 2 * YEAR)

    # -- the catalogue

    def meter(self) -> Any:
        return self.stripe.billing.meters.create(
            {
                "display_name": self.words(),
                "event_name": self.unique("event"),
                "default_aggregation": {"formula": self.one(["sum", "count", "last"])},
                **self.maybe(
                    customer_mapping=lambda: {"type": "by_id", "event_payload_key": self.one(["stripe_customer_id", "customer"])},
                    value_settings=lambda: {"event_payload_key": self.one(["value", "tokens"])},
                    event_time_window=lambda: self.one(["day", "hour"]),
                ),
            }
        )

    def product(self) -> Any:
        """Sometimes with a price, as the dashboard makes it; sometimes another stack's."""
        sold: Values = {"currency": self.one(CURRENCIES), "unit_amount": self.random.randint(1, 9999)}
        params: Values = {
            "name": self.words(),
            **self.maybe(
                description=self.words,
                images=lambda: self.few(lambda: f"https://example.com/{self.unique('image')}.png", 3),
                marketing_features=lambda: self.few(lambda: {"name": self.words()[:80]}, 4),
                metadata=self.metadata,
                package_dimensions=lambda: {k: self.random.randint(1, 400) / 4 for k in ("height", "length", "weight", "width")},
                shippable=lambda: self.some(),
                statement_descriptor=lambda: self.one(["HYPERNIAN", "CAFE ZURICH"]),
                tax_code=lambda: self.one(["txcd_10000000", "txcd_10103001"]),
                unit_label=lambda: self.one(["token", "seat", "call"]),
                url=lambda: "https://example.com/pricing?a=1&b=2",
            ),
        }
        if self.some(0.2):
            params["id"] = self.unique("own_id")
        if self.some(0.3):
            params["default_price_data"] = {**sold, **({"recurring": {"interval": "month"}} if self.some() else {})}
        if self.some(0.05):
            params["metadata"] = {"pulumi_resource": f"other/prod/Product/{self.unique('theirs')}"}
        return self.stripe.products.create(params)

    def tiers(self) -> list[Values]:
        bounds = sorted(self.random.sample(range(1, 10**6), self.random.randint(0, 4)))
        flat = ({}, {"flat_amount": 500}, {"flat_amount_decimal": "0.5"})
        return [{"up_to": up_to, **self.amount(), **self.one(flat)} for up_to in (*bounds, "inf")]

    def price(self) -> Any:
        currency = self.one(CURRENCIES)
        params: Values = {
            "currency": currency,
            "product": self.one(self.ids["product"]),
            **self.maybe(
                lookup_key=lambda: self.unique("lookup"),
                metadata=self.metadata,
                nickname=self.words,
                tax_behavior=lambda: self.one(TAX_BEHAVIORS),
            ),
        }
        shape = self.one(["per unit", "per unit", "tiered", "package", "metered", "metered tiers", "once", "once", "custom"])
        if shape not in ("once", "custom"):
            params["recurring"] = {"interval": self.one(["day", "week", "month", "month", "month", "year"])}
            params["recurring"] |= self.maybe(interval_count=lambda: self.random.randint(1, 3))
        if "metered" in shape:
            params["recurring"] |= {"usage_type": "metered", "meter": self.one(self.ids["meter"])}
        elif "recurring" in params:
            params["recurring"] |= self.maybe(trial_period_days=lambda: self.random.randint(1, 60))
        others = self.random.sample([c for c in CURRENCIES if c != currency], self.random.randint(1, 3)) if self.some() else []
        if "tier" in shape:
            params |= {"billing_scheme": "tiered", "tiers_mode": self.one(["graduated", "volume"]), "tiers": self.tiers()}
            amounts: Callable[[], Values] = lambda: {"tiers": self.tiers()}  # noqa: E731
        elif shape == "custom":
            params["custom_unit_amount"] = {"enabled": True, **self.one([{}, {"minimum": 100}, {"minimum": 100, "preset": 500}])}
            amounts, others = dict, []
        else:
            params |= self.amount()
            amounts = self.amount
        if others:
            options = {c: {**amounts(), **self.maybe(tax_behavior=lambda: self.one(TAX_BEHAVIORS))} for c in others}
            params["currency_options"] = options
        if shape == "package":
            params["transform_quantity"] = {"divide_by": self.random.randint(2, 1000), "round": self.one(["up", "down"])}
        if self.some(0.03):
            params["metadata"] = {"pulumi_resource": f"other/prod/Price/{self.unique('theirs')}"}
        made = self.stripe.prices.create(params)
        self.prices.append(made)
        return made

    # -- what is taken off, and added

    def coupon(self) -> Any:
        params: Values = self.maybe(
            applies_to=lambda: {"products": sorted({self.one(self.ids["product"]) for _ in range(3)})},
            max_redemptions=lambda: self.random.randint(5, 50),
            metadata=self.metadata,
            name=lambda: self.words()[:40],
            redeem_by=self.later,
        )
        if self.some():
            params["id"] = self.unique("COUPON")
        if self.some(0.5):
            params["percent_off"] = self.one([5, 12.5, 33.33, 100])
        else:
            params |= {"amount_off": self.random.randint(1, 5000), "currency": "usd"}
            params |= self.maybe(currency_options=lambda: {"eur": {"amount_off": 400}, "jpy": {"amount_off": 50}})
        params |= self.one([{}, {"duration": "forever"}, {"duration": "repeating", "duration_in_months": 3}])
        made = self.stripe.coupons.create(params)
        if made.percent_off:
            self.anywhere.append(made.id)
        return made

    def promotion_code(self) -> Any:
        params: Values = {
            "promotion": {"type": "coupon", "coupon": self.one(self.ids["coupon"])},
            **self.maybe(
                active=lambda: not self.some(0.2),
                code=lambda: self.unique("CODE"),
                expires_at=lambda: self.now + 3600 * self.random.randint(100, 700),
                max_redemptions=lambda: 3,
                metadata=self.metadata,
                restrictions=lambda: self.one(
                    [
                        {"first_time_transaction": True},
                        {"minimum_amount": 100, "minimum_amount_currency": "usd"},
                        {
                            "minimum_amount": 100,
                            "minimum_amount_currency": "usd",
                            "currency_options": {"eur": {"minimum_amount": 90}},
                        },
                    ]
                ),
            ),
        }
        if self.some(0.2):
            params["customer"] = self.one(self.ids["customer"])
        return self.stripe.promotion_codes.create(params)

    def tax_rate(self) -> Any:
        return self.stripe.tax_rates.create(
            {
                "display_name": self.one(["VAT", "Sales tax"]),
                "inclusive": self.some(),
                "percentage": self.one([0, 7.7, 19, 8.8750]),
                **self.maybe(
                    country=lambda: self.one(["DE", "US"]),
                    description=self.words,
                    jurisdiction=lambda: self.words()[:50],
                    metadata=self.metadata,
                    tax_type=lambda: self.one(["vat", "sales_tax"]),
                ),
            }
        )

    def shipping_rate(self) -> Any:
        cost: Values = {"amount": self.random.randint(0, 5000), "currency": "usd"}
        if self.some():
            cost["currency_options"] = {"eur": {"amount": 400, **self.maybe(tax_behavior=lambda: self.one(TAX_BEHAVIORS))}}
        return self.stripe.shipping_rates.create(
            {
                "display_name": self.words(),
                "type": "fixed_amount",
                "fixed_amount": cost,
                **self.maybe(
                    delivery_estimate=lambda: {"minimum": {"unit": "day", "value": 1}, "maximum": {"unit": "week", "value": 2}},
                    metadata=self.metadata,
                    tax_behavior=lambda: self.one(TAX_BEHAVIORS),
                    tax_code=lambda: "txcd_92010001",
                ),
            }
        )

    def feature(self) -> Any:
        return self.stripe.entitlements.features.create(
            {"lookup_key": self.unique("feature"), "name": self.words()[:80], **self.maybe(metadata=self.metadata)}
        )

    # -- customers

    def customer(self) -> Any:
        made = self.stripe.customers.create(
            self.maybe(
                address=self.address,
                balance=lambda: self.random.randint(-999, 999),
                description=self.words,
                email=lambda: f"{self.unique('john')}@example.com",
                invoice_prefix=lambda: self.unique("PREFIX").replace("-", ""),
                invoice_settings=lambda: {
                    "custom_fields": self.few(lambda: {"name": self.unique("field"), "value": self.words()[:100]}, 2),
                    "footer": self.words(),
                    "rendering_options": {"amount_tax_display": "exclude_tax"},
                },
                metadata=self.metadata,
                name=self.words,
                next_invoice_sequence=lambda: self.random.randint(2, 99),
                phone=lambda: "+353 1 555",
                preferred_locales=lambda: ["de", "en-GB"],
                shipping=lambda: {"name": self.words(), "address": self.address()},
                tax_exempt=lambda: self.one(["none", "exempt", "reverse"]),
            )
        )
        if self.some(0.2):
            self.stripe.customers.update(made.id, {"invoice_settings": {"default_payment_method": "pm_card_visa"}})
            self.payers.append(made.id)
        return made

    def subscription(self) -> Any:
        first = self.one([p for p in self.prices if p.recurring])
        every = (first.currency, first.recurring.interval, first.recurring.interval_count)
        fit = [
            p
            for p in self.prices
            if p.recurring and (p.currency, p.recurring.interval, p.recurring.interval_count) == every and p.id != first.id
        ]
        chosen = [first, *self.random.sample(fit, min(len(fit), self.random.randint(0, 3)))]
        params: Values = {
            "customer": self.one(self.free(first.currency, self.ids["customer"]) or [self.added("customer")]),
            "currency": first.currency,
            "items": [self.item(price) for price in chosen],
            **self.maybe(
                billing_mode=lambda: {"type": self.one(["flexible", "classic"])},
                cancel_at_period_end=lambda: self.some(),
                default_tax_rates=lambda: [self.one(self.ids["tax_rate"])],
                description=self.words,
                metadata=self.metadata,
                trial_period_days=lambda: self.random.randint(1, 30),
                payment_settings=lambda: {
                    "payment_method_types": ["card"],
                    "save_default_payment_method": "on_subscription",
                },
                trial_settings=lambda: {"end_behavior": {"missing_payment_method": self.one(["cancel", "pause"])}},
            ),
        }
        if (payers := self.free(first.currency, self.payers)) and self.some():
            params["customer"] = self.one(payers)
        else:
            params |= {"collection_method": "send_invoice", "days_until_due": self.random.randint(0, 60)}
        if self.anywhere and self.some(0.2):
            params["discounts"] = [{"coupon": self.one(self.anywhere)}]
        if self.some(0.1):
            inline = {"currency": first.currency, "product": first.product, "unit_amount": 5, "recurring": {"interval": every[1]}}
            inline["recurring"]["interval_count"] = every[2]
            params["items"].append({"price_data": inline, "quantity": 2})
        self.billed_in[params["customer"]] = first.currency
        return self.stripe.subscriptions.create(params)

    def free(self, currency: str, customers: list[str]) -> list[str]:
        """Those who can be billed in the currency."""
        return [c for c in customers if self.billed_in.get(c, currency) == currency]

    def item(self, price: Any) -> Values:
        item: Values = {
            "price": price.id,
            **self.maybe(metadata=self.metadata, tax_rates=lambda: [self.one(self.ids["tax_rate"])]),
        }
        if price.recurring.usage_type == "licensed":
            item |= self.maybe(quantity=lambda: self.random.randint(0, 20))
        return item

    def metered(self) -> Iterator[Any]:
        return (p for p in self.prices if p.recurring and p.recurring.usage_type == "metered")

    def credit_grant(self) -> Any:
        of_prices = {"prices": [{"id": next(self.metered()).id}]}
        return self.stripe.billing.credit_grants.create(
            {
                "customer": self.one(self.ids["customer"]),
                "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": self.random.randint(1, 9999)}},
                "applicability_config": {"scope": self.one([{"price_type": "metered"}, of_prices])},
                **self.maybe(
                    category=lambda: self.one(["paid", "promotional"]),
                    expires_at=self.later,
                    metadata=self.metadata,
                    name=lambda: self.words()[:100],
                    priority=lambda: self.random.randint(0, 100),
                ),
            }
        )

    def alert(self) -> Any:
        threshold: Values = {"gte": self.random.randint(1, 10**6), "meter": self.one(self.ids["meter"]), "recurrence": "one_time"}
        if self.some():
            threshold["filters"] = [{"type": "customer", "customer": self.one(self.ids["customer"])}]
        params: Any = {"alert_type": "usage_threshold", "title": self.words(), "usage_threshold": threshold}
        return self.stripe.billing.alerts.create(params)

    # -- pages and addresses

    def payment_link(self) -> Any:
        price = self.one([p for p in self.prices if p.recurring and p.recurring.usage_type == "licensed"])
        item: Values = {"price": price.id, "quantity": self.random.randint(1, 9)}
        item |= self.maybe(adjustable_quantity=lambda: {"enabled": True, "minimum": 1, "maximum": 9})
        return self.stripe.payment_links.create(
            {
                "line_items": [item],
                **self.maybe(
                    after_completion=lambda: {"type": "redirect", "redirect": {"url": "https://example.com/thanks"}},
                    allow_promotion_codes=lambda: True,
                    billing_address_collection=lambda: "required",
                    custom_text=lambda: {"submit": {"message": self.words()}},
                    inactive_message=self.words,
                    metadata=self.metadata,
                    phone_number_collection=lambda: {"enabled": True},
                    restrictions=lambda: {"completed_sessions": {"limit": 9}},
                    subscription_data=lambda: {"trial_period_days": 7, "metadata": self.metadata()},
                    tax_id_collection=lambda: {"enabled": True},
                ),
            }
        )

    def portal(self) -> Any:
        features: Values = {
            "invoice_history": {"enabled": True},
            **self.maybe(
                customer_update=lambda: {"enabled": True, "allowed_updates": ["email", "tax_id"]},
                payment_method_update=lambda: {"enabled": True},
                subscription_cancel=lambda: {
                    "enabled": True,
                    "mode": "at_period_end",
                    "cancellation_reason": {"enabled": True, "options": ["too_expensive", "other"]},
                },
            ),
        }
        if self.some():
            price = self.one([p for p in self.prices if p.recurring and p.recurring.usage_type == "licensed"])
            features["subscription_update"] = {
                "enabled": True,
                "default_allowed_updates": ["price", "quantity"],
                "products": [{"product": price.product, "prices": [price.id]}],
            }
        return self.stripe.billing_portal.configurations.create(
            {
                "features": features,
                **self.maybe(
                    business_profile=lambda: {"headline": "Hypernian", "privacy_policy_url": "https://example.com/privacy"},
                    default_return_url=lambda: "https://example.com",
                    metadata=self.metadata,
                ),
            }
        )

    def payment_methods(self) -> Any:
        shown = {
            name: {"display_preference": {"preference": self.one(["on", "off", "none"])}} for name in ("card", "klarna", "link")
        }
        params: Any = {"name": self.words()[:100], **shown}
        return self.stripe.payment_method_configurations.create(params)

    def webhook(self) -> Any:
        return self.stripe.webhook_endpoints.create(
            {
                "url": f"https://example.com/{self.unique('hook')}",
                "enabled_events": self.one([["*"], ["invoice.paid", "customer.created"]]),
                **self.maybe(description=self.words, metadata=self.metadata, api_version=lambda: "2025-03-31.basil"),
            }
        )

    def destination(self) -> Any:
        params: Any = {
            "name": self.words(),
            "type": "webhook_endpoint",
            "webhook_endpoint": {"url": f"https://example.com/{self.unique('destination')}"},
            "enabled_events": ["v1.billing.meter.error_report_triggered"],
            "event_payload": "thin",
            **self.maybe(description=self.words),
        }
        return self.client.v2.core.event_destinations.create(params)

    # -- what people do afterwards

    def afterwards(self) -> None:
        """Sets default prices, takes objects out of use, and deletes some."""
        sold = {p.product: p.id for p in self.prices}
        for product, price in self.random.sample(sorted(sold.items()), len(sold) // 4):
            self.stripe.products.update(product, {"default_price": price})
        defaults = {str(p.default_price) for p in self.stripe.products.list({"limit": 100}).auto_paging_iter()}
        for price in self.some_of("price"):
            if price not in defaults:
                self.stripe.prices.update(price, {"active": False})
        for product in self.some_of("product"):
            self.stripe.products.update(product, {"active": False})
        for meter in self.some_of("meter"):
            self.stripe.billing.meters.deactivate(meter)
        for customer in self.some_of("customer"):
            self.stripe.customers.delete(customer)
        for rate in self.some_of("tax_rate"):
            self.stripe.tax_rates.update(rate, {"active": False})
        for rate in self.some_of("shipping_rate"):
            self.stripe.shipping_rates.update(rate, {"active": False})
        for link in self.some_of("payment_link"):
            self.stripe.payment_links.update(link, {"active": False})
        running = [s.id for s in self.stripe.subscriptions.list({"limit": 100}).auto_paging_iter()]
        for subscription in self.random.sample(sorted(running), len(running) // 10):
            self.stripe.subscriptions.update(subscription, {"pause_collection": {"behavior": "void"}})
        for subscription in self.random.sample(sorted(running), len(running) // 20):
            self.stripe.subscriptions.cancel(subscription)

    def some_of(self, kind: str) -> list[str]:
        return self.random.sample(sorted(self.ids[kind]), len(self.ids[kind]) // 12)

    @property
    def size(self) -> int:
        return sum(map(len, self.ids.values()))
