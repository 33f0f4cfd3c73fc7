"""What objects under test refer to: a product, prices, customers, at a real local Stripe."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from stripe_local.testing import Account
from stripe_resources.register import KINDS

Values = dict[str, Any]


class World:
    """What the objects under test refer to, made when it is first asked for. `{product}` in a case is its attribute `product`."""

    def __init__(self, server: Account) -> None:
        self.server = server
        self.item = ""

    def made(self, path: str, **params: Any) -> Values:
        body: Values = self.server.client().raw_request("post", path, **params).data
        return body

    @cached_property
    def meter(self) -> str:
        params = {"display_name": "x", "event_name": "world", "default_aggregation": {"formula": "sum"}}
        return str(self.made("/v1/billing/meters", **params)["id"])

    @cached_property
    def product(self) -> str:
        return str(self.made("/v1/products", name="x")["id"])

    @cached_property
    def other_product(self) -> str:
        return str(self.made("/v1/products", name="y")["id"])

    def new_price(self) -> str:
        price = {"currency": "usd", "unit_amount": 0, "currency_options": {"eur": {"unit_amount": 0}}}
        return str(self.made("/v1/prices", product=self.product, recurring={"interval": "month"}, **price)["id"])

    @cached_property
    def price(self) -> str:
        return self.new_price()

    @cached_property
    def other_price(self) -> str:
        return self.new_price()

    @cached_property
    def customer(self) -> str:
        return str(self.made("/v1/customers")["id"])

    @cached_property
    def other_customer(self) -> str:
        return str(self.made("/v1/customers")["id"])

    price_of_another = ""
    """A price of `other_product`, where a test makes it."""

    def new_metered_price(self) -> str:
        recurring = {"interval": "month", "usage_type": "metered", "meter": self.meter}
        return str(self.made("/v1/prices", product=self.product, currency="usd", unit_amount=1, recurring=recurring)["id"])

    @cached_property
    def metered_price(self) -> str:
        return self.new_metered_price()

    @cached_property
    def other_metered_price(self) -> str:
        return self.new_metered_price()

    @cached_property
    def coupon(self) -> str:
        return str(self.made("/v1/coupons", percent_off=10)["id"])

    @cached_property
    def other_coupon(self) -> str:
        return str(self.made("/v1/coupons", percent_off=20)["id"])

    def _tax_rate(self, percentage: int) -> str:
        return str(self.made("/v1/tax_rates", display_name="VAT", percentage=percentage, inclusive=False)["id"])

    @cached_property
    def tax_rate(self) -> str:
        return self._tax_rate(19)

    @cached_property
    def other_tax_rate(self) -> str:
        return self._tax_rate(7)

    @cached_property
    def feature(self) -> str:
        return str(self.made("/v1/entitlements/features", lookup_key="x", name="x")["id"])

    @cached_property
    def other_feature(self) -> str:
        return str(self.made("/v1/entitlements/features", lookup_key="y", name="y")["id"])

    def _card(self, name: str) -> str:
        settings = {"default_payment_method": name}
        return str(
            self.made(f"/v1/customers/{self.customer}", invoice_settings=settings)["invoice_settings"]["default_payment_method"]
        )

    @cached_property
    def card(self) -> str:
        return self._card("pm_card_visa")

    @cached_property
    def other_card(self) -> str:
        return self._card("pm_card_mastercard")

    def filled(self, value: Any) -> Any:
        """A value of a case with the ids in place."""
        if isinstance(value, str) and value.startswith("{"):
            return getattr(self, value.strip("{}"))
        if isinstance(value, Mapping):
            return {k: self.filled(v) for k, v in value.items()}
        return [self.filled(v) for v in value] if isinstance(value, list) else value

    def live(self, kind: str, id_: str) -> Values:
        schema = KINDS[f"stripe:{kind}"][0]
        body: Values = self.server.client().raw_request("get", f"{schema.path}/{id_}", **schema.asking(schema.expand)).data
        return body
