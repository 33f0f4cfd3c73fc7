"""The parameters that the installed Stripe SDK knows, read from the TypedDicts of `stripe.params`."""

import collections.abc
from typing import Any, Literal, TypedDict, get_args, get_origin

import stripe.params as params
import typing_extensions
from stripe._request_options import RequestOptions
from stripe.params import billing, billing_portal, entitlements


class DefaultPriceParams(params.ProductUpdateParams):
    """A default price is set by an update of the product, which the path names."""

    id: str
    __module__ = params.ProductUpdateParams.__module__  # whose names the annotations are made of


class ProductFeatureParams(params.ProductFeatureCreateParams):
    """The path of the request names the product."""

    product: str
    __module__ = params.ProductFeatureCreateParams.__module__


class Nothing(TypedDict):
    """There is no update request."""


CREATE: dict[str, type] = {
    "stripe:Alert": billing.AlertCreateParams,
    "stripe:Coupon": params.CouponCreateParams,
    "stripe:CreditGrant": billing.CreditGrantCreateParams,
    "stripe:EntitlementFeature": entitlements.FeatureCreateParams,
    "stripe:PaymentLink": params.PaymentLinkCreateParams,
    "stripe:PortalConfiguration": billing_portal.ConfigurationCreateParams,
    "stripe:ProductFeature": ProductFeatureParams,
    "stripe:PromotionCode": params.PromotionCodeCreateParams,
    "stripe:TaxRate": params.TaxRateCreateParams,
    "stripe:WebhookEndpoint": params.WebhookEndpointCreateParams,
    "stripe:Meter": billing.MeterCreateParams,
    "stripe:Product": params.ProductCreateParams,
    "stripe:Price": params.PriceCreateParams,
    "stripe:DefaultPrice": DefaultPriceParams,
    "stripe:Customer": params.CustomerCreateParams,
    "stripe:Subscription": params.SubscriptionCreateParams,
}
UPDATE: dict[str, type] = {
    "stripe:Alert": Nothing,
    "stripe:Coupon": params.CouponUpdateParams,
    "stripe:CreditGrant": billing.CreditGrantUpdateParams,
    "stripe:EntitlementFeature": entitlements.FeatureUpdateParams,
    "stripe:PaymentLink": params.PaymentLinkUpdateParams,
    "stripe:PortalConfiguration": billing_portal.ConfigurationUpdateParams,
    "stripe:ProductFeature": Nothing,
    "stripe:PromotionCode": params.PromotionCodeUpdateParams,
    "stripe:TaxRate": params.TaxRateUpdateParams,
    "stripe:WebhookEndpoint": params.WebhookEndpointUpdateParams,
    "stripe:Meter": billing.MeterUpdateParams,
    "stripe:Product": params.ProductUpdateParams,
    "stripe:Price": params.PriceUpdateParams,
    "stripe:DefaultPrice": params.ProductUpdateParams,
    "stripe:Customer": params.CustomerUpdateParams,
    "stripe:Subscription": params.SubscriptionUpdateParams,
}

# Names that the SDK imports for type checkers only.
_ELSEWHERE = {"StripeContext": object, "Mapping": collections.abc.Mapping, "Dict": dict}


def paths(declaration: type) -> dict[str, frozenset[str]]:
    """Path of each parameter, such as `tiers.up_to` → the values that it is limited to (empty: any)."""
    found: dict[str, frozenset[str]] = {}
    _walk(declaration, "", found)
    return found


def _walk(declaration: type, prefix: str, found: dict[str, frozenset[str]]) -> None:
    hints = typing_extensions.get_type_hints(declaration, localns=_ELSEWHERE)
    for name, hint in hints.items():
        if prefix or name not in RequestOptions.__annotations__:
            found[prefix + name] = _literals(hint) - {""}
            for inner in _objects(hint):
                _walk(inner, f"{prefix}{name}.", found)


def _objects(hint: Any) -> list[type]:
    if typing_extensions.is_typeddict(hint):
        return [hint]
    return [] if get_origin(hint) is Literal else [t for arg in get_args(hint) for t in _objects(arg)]


def _literals(hint: Any) -> frozenset[str]:
    if get_origin(hint) is Literal:
        return frozenset(get_args(hint))
    if typing_extensions.is_typeddict(hint):
        return frozenset()
    return frozenset().union(*map(_literals, get_args(hint)))
