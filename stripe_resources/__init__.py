"""Stripe billing as Pulumi resources:
`Alert`, `Coupon`, `CreditGrant`, `Customer`, `DefaultPrice`, `EntitlementFeature`, `EventDestination`, `Meter`, `PaymentLink`,
`PaymentMethodConfiguration`, `PortalConfiguration`, `Price`, `Product`, `ProductFeature`, `PromotionCode`, `ShippingRate`,
`Subscription`, `TaxRate`, `WebhookEndpoint`.

Arguments have Stripe's names and shapes. What is wrong with them is said by `pulumi preview`, all at once and before any request.
The account is chosen by configuration: `stripe:apiKey` (or STRIPE_API_KEY, which wins), `stripe:livemode`, `stripe:account`,
`stripe:apiBase` (or STRIPE_API_BASE).

Written by `python -m scripts.resource_exports`.
"""

from stripe_client.errors import ConfigurationError, Refused, StripeError, Unreachable

from .configuration import require_known_settings
from .kinds.alert import Alert, AlertArgs
from .kinds.coupon import Coupon, CouponArgs
from .kinds.credit_grant import CreditGrant, CreditGrantArgs
from .kinds.customer import Customer, CustomerArgs
from .kinds.default_price import DefaultPrice, DefaultPriceArgs
from .kinds.entitlement_feature import EntitlementFeature, EntitlementFeatureArgs
from .kinds.event_destination import EventDestination, EventDestinationArgs
from .kinds.meter import Meter, MeterArgs
from .kinds.payment_link import PaymentLink, PaymentLinkArgs
from .kinds.payment_method_configuration import PaymentMethodConfiguration, PaymentMethodConfigurationArgs
from .kinds.portal_configuration import PortalConfiguration, PortalConfigurationArgs
from .kinds.price import Price, PriceArgs
from .kinds.product import Product, ProductArgs
from .kinds.product_feature import ProductFeature, ProductFeatureArgs
from .kinds.promotion_code import PromotionCode, PromotionCodeArgs
from .kinds.shipping_rate import ShippingRate, ShippingRateArgs
from .kinds.subscription import Subscription, SubscriptionArgs
from .kinds.tax_rate import TaxRate, TaxRateArgs
from .kinds.webhook_endpoint import WebhookEndpoint, WebhookEndpointArgs
from .resource import StripeResource

__all__ = [
    "Alert",
    "AlertArgs",
    "ConfigurationError",
    "Coupon",
    "CouponArgs",
    "CreditGrant",
    "CreditGrantArgs",
    "Customer",
    "CustomerArgs",
    "DefaultPrice",
    "DefaultPriceArgs",
    "EntitlementFeature",
    "EntitlementFeatureArgs",
    "EventDestination",
    "EventDestinationArgs",
    "Meter",
    "MeterArgs",
    "PaymentLink",
    "PaymentLinkArgs",
    "PaymentMethodConfiguration",
    "PaymentMethodConfigurationArgs",
    "PortalConfiguration",
    "PortalConfigurationArgs",
    "Price",
    "PriceArgs",
    "Product",
    "ProductArgs",
    "ProductFeature",
    "ProductFeatureArgs",
    "PromotionCode",
    "PromotionCodeArgs",
    "Refused",
    "ShippingRate",
    "ShippingRateArgs",
    "StripeError",
    "StripeResource",
    "Subscription",
    "SubscriptionArgs",
    "TaxRate",
    "TaxRateArgs",
    "Unreachable",
    "WebhookEndpoint",
    "WebhookEndpointArgs",
    "require_known_settings",
]

for _error in (ConfigurationError, Refused, StripeError, Unreachable):
    _error.__module__ = __name__  # users read this name before every error that the provider host reports
