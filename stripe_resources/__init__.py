"""Stripe billing as Pulumi resources: `Meter`, `Product`, `Price`, `DefaultPrice`, `Customer`, `Subscription`; `Coupon`,
`PromotionCode`, `TaxRate`, `EntitlementFeature`, `ProductFeature`, `CreditGrant`, `Alert`, `WebhookEndpoint`,
`PaymentLink`, `PortalConfiguration`.

Arguments have Stripe's names and shapes. What is wrong with them is said by `pulumi preview`, all at once and before any request.
The account is chosen by configuration: `stripe:apiKey` (or STRIPE_API_KEY, which wins), `stripe:livemode`, `stripe:account`,
`stripe:apiBase` (or STRIPE_API_BASE).
"""

from ._core.errors import ConfigurationError, Refused, StripeError, Unreachable
from .alert import Alert, AlertArgs
from .configuration import require_known_settings
from .coupon import Coupon, CouponArgs
from .credit_grant import CreditGrant, CreditGrantArgs
from .customer import Customer, CustomerArgs
from .default_price import DefaultPrice, DefaultPriceArgs
from .entitlement_feature import EntitlementFeature, EntitlementFeatureArgs
from .meter import Meter, MeterArgs
from .payment_link import PaymentLink, PaymentLinkArgs
from .portal_configuration import PortalConfiguration, PortalConfigurationArgs
from .price import Price, PriceArgs
from .product import Product, ProductArgs
from .product_feature import ProductFeature, ProductFeatureArgs
from .promotion_code import PromotionCode, PromotionCodeArgs
from .resource import StripeResource
from .subscription import Subscription, SubscriptionArgs
from .tax_rate import TaxRate, TaxRateArgs
from .webhook_endpoint import WebhookEndpoint, WebhookEndpointArgs

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
    "Meter",
    "MeterArgs",
    "PaymentLink",
    "PaymentLinkArgs",
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
