"""Where events may be sent, and which: what an address and the names of events must look like."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from stripe_local.wire.errors import invalid


def check(url: str, param: str, *, livemode: bool) -> None:
    """Raise StripeError for what is no address, and in live mode for one without encryption."""
    if not re.match("https?://", url):
        raise invalid("Invalid URL: An explicit scheme (such as https) must be provided.", param, "url_invalid")
    if livemode and not url.startswith("https://"):
        raise invalid("Invalid URL: URL must begin with https in live mode.", param, "url_invalid")
    try:
        parts = urlsplit(url)
        good = bool(parts.hostname) and parts.port != 0 and not re.search(r"[\x00-\x20\x7f]", url)
    except ValueError:
        good = False
    if not good:
        raise invalid("Not a valid URL", param, "url_invalid")


def check_events(names: Sequence[str], known: Collection[str]) -> None:
    """Raise StripeError for the name of an event that Stripe does not have; `*` is all of them."""
    for index, name in enumerate(names):
        if name != "*" and name not in known:
            raise invalid(f"Invalid enabled_events[{index}]: {name}", f"enabled_events[{index}]")
