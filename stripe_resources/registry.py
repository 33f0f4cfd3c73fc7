"""The kinds of resources there are, by token. Tokens are part of every stack's state: never rename or remove one."""

from __future__ import annotations

from ._core.behaviour import Behaviour
from ._core.schema import Schema
from .kinds import (
    alert,
    coupon,
    credit_grant,
    customer,
    default_price,
    entitlement_feature,
    meter,
    payment_link,
    portal_configuration,
    price,
    product,
    product_feature,
    promotion_code,
    subscription,
    tax_rate,
    webhook_endpoint,
)

KINDS: dict[str, tuple[Schema, Behaviour]] = {
    module.SCHEMA.token: (module.SCHEMA, module.BEHAVIOUR)
    for module in (
        *(meter, product, price, default_price, customer, subscription),
        *(coupon, promotion_code, tax_rate, entitlement_feature, product_feature, credit_grant, alert, webhook_endpoint),
        *(payment_link, portal_configuration),
    )
}
