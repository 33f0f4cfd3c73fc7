"""Stripe billing as Pulumi resources: `Meter`, `Product`, `Price`, `DefaultPrice`, `Customer`, `Subscription`.

Arguments have Stripe's names and shapes. What is wrong with them is said by `pulumi preview`, all at once and before any request.
The account is chosen by configuration: `stripe:apiKey` (or STRIPE_API_KEY, which wins), `stripe:livemode`, `stripe:account`,
`stripe:apiBase` (or STRIPE_API_BASE).
"""

from ._core.errors import ConfigurationError, Refused, StripeError, Unreachable
from .configuration import require_known_settings
from .customer import Customer, CustomerArgs
from .default_price import DefaultPrice, DefaultPriceArgs
from .meter import Meter, MeterArgs
from .price import Price, PriceArgs
from .product import Product, ProductArgs
from .resource import StripeResource
from .subscription import Subscription, SubscriptionArgs

__all__ = [
    "ConfigurationError",
    "Customer",
    "CustomerArgs",
    "DefaultPrice",
    "DefaultPriceArgs",
    "Meter",
    "MeterArgs",
    "Price",
    "PriceArgs",
    "Product",
    "ProductArgs",
    "Refused",
    "StripeError",
    "StripeResource",
    "Subscription",
    "SubscriptionArgs",
    "Unreachable",
    "require_known_settings",
]

for _error in (ConfigurationError, Refused, StripeError, Unreachable):
    _error.__module__ = __name__  # users read this name before every error that the provider host reports
