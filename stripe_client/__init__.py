"""What everything that talks to Stripe uses: settings, one HTTP client below Stripe's rate limits, retries, errors.

from stripe_client import Client, load

client = Client(load(configuration.get, os.environ))
client.get("/v1/prices/price_…")
"""

from .client import Answer, Client
from .errors import ConfigurationError, Refused, StripeError, Unreachable
from .settings import Settings, load

__all__ = ["Answer", "Client", "ConfigurationError", "Refused", "Settings", "StripeError", "Unreachable", "load"]
