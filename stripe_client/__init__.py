"""What everything that talks to Stripe uses: settings, one HTTP client below Stripe's rate limits, retries, errors.

    from stripe_client import Client, load

    client = Client(load(configuration.get, os.environ))
    client.get("/v1/prices/price_…")

- `client`: `Client`, which sends requests, and the `Answer` to one
- `settings`: `Settings` and `load`: which account, which key; `KEYS` lists what a stack can set
- `project`: the settings of a stack from its files, for commands that Pulumi does not start
- `errors`: the tree of what goes wrong, by what to do about it
- `pace`, `retry`: how fast, and what is tried again; for clients of your own
- `subscriptions`: in which states a subscription is final
"""

from .client import Answer, Client
from .errors import ConfigurationError, NotAllowed, Refused, StripeError, Unreachable
from .settings import Settings, load

__all__ = ["Answer", "Client", "ConfigurationError", "NotAllowed", "Refused", "Settings", "StripeError", "Unreachable", "load"]
