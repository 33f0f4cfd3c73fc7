"""Writes the tables of docs/local-stripe-coverage.md: which of Stripe's endpoints for billing the local Stripe has.

python -m scripts.local_stripe_docs            writes them
python -m scripts.local_stripe_docs --check    fails where they are stale

Stripe's endpoints are those that the pinned SDK calls.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from scripts.generated import replaced, run
from scripts.resource_docs import table
from stripe_local.resources import OPERATIONS
from stripe_local.wire.operation import Operation
from stripe_local.wire.params import Enum, ListOf, MapOf, Metadata, Obj, Off, OneOf, Param, Refused
from stripe_local.wire.sdk import endpoints

TARGET = Path(__file__).resolve().parents[1] / "docs" / "local-stripe-coverage.md"
COMMAND = "python -m scripts.local_stripe_docs"

SECTIONS = {
    "Billing": (
        *("billing", "billing_portal", "credit_notes", "invoice_payments", "invoice_rendering_templates", "invoiceitems"),
        *("invoices", "plans", "quotes", "subscription_items", "subscription_schedules", "subscriptions", "tax_ids"),
        "test_helpers/test_clocks",
    ),
    "Products": ("coupons", "prices", "products", "promotion_codes", "shipping_rates", "tax_codes", "tax_rates"),
    "Entitlements": ("entitlements",),
    "Checkout": ("checkout", "payment_links"),
    "Customers": ("customers",),
    "Payments": (
        *("charges", "payment_intents", "payment_method_configurations", "payment_methods", "refunds", "setup_intents"),
        "test_helpers/refunds",
    ),
    "Events": ("core/event_destinations", "core/events", "events", "webhook_endpoints"),
    "The account": ("account",),
}
"""What of Stripe's API is billing, as its reference groups it: the beginnings of paths, without their version."""

YES, PARTLY, NO = "yes", "partly", "no"
_METHODS = ("GET", "POST", "DELETE")


class Row(NamedTuple):
    """An endpoint of Stripe's; `refused` are parameters, and values of some, that are refused by name."""

    section: str
    method: str
    path: str
    here: str
    refused: list[str]


def section(path: str) -> str | None:
    """Where a path belongs, or None where it is not about billing."""
    without = re.sub(r"^/v\d/", "", path)
    found = (name for name, begins in SECTIONS.items() for begin in begins if f"{without}/".startswith(f"{begin}/"))
    return next(found, None)


def _of_any(path: str) -> str:
    """A path whatever its parameters are called."""
    return re.sub(r"{\w+}", "{}", path)


def refused(param: Param, path: str = "") -> Iterator[str]:
    """The parameters within one that are refused by name, such as `items[][plan]`, `mode=setup`, `forgive=true`."""
    if isinstance(param, Refused):
        yield path
    elif isinstance(param, Off):
        yield f"{path}=true"
    elif isinstance(param, Enum):
        yield from (f"{path}={word}" for word in param.refused)
    elif isinstance(param, Obj):
        for name, field in param.fields.items():
            yield from refused(field, f"{path}[{name}]" if path else name)
    elif isinstance(param, ListOf):
        yield from refused(param.element, f"{path}[]")
    elif isinstance(param, MapOf) and not isinstance(param, Metadata):
        yield from refused(param.value, f"{path}[]")
    elif isinstance(param, OneOf):
        for form in param.forms:
            yield from refused(form, path)


def _row(method: str, path: str, served: Operation | None) -> Row:
    names = sorted(set(refused(served.params))) if served is not None else []
    here = NO if served is None else PARTLY if names else YES
    return Row(section(path) or "", method, path, here, names)


def rows() -> list[Row]:
    """Every endpoint for billing that Stripe has, in the order of the page."""
    served = {(operation.method, _of_any(operation.path)): operation for operation in OPERATIONS}
    found = {(method, _of_any(path)): path for method, path in endpoints() if section(path)}
    # A few are in Stripe's reference, and in no client.
    found |= {key: operation.path for key, operation in served.items() if key not in found}
    listed = [_row(method, path, served.get((method, of_any))) for (method, of_any), path in found.items()]
    order = list(SECTIONS)
    return sorted(listed, key=lambda row: (order.index(row.section), row.path.replace("{", "~"), _METHODS.index(row.method)))


def counted() -> str:
    """How many there are of each section."""
    lines = []
    for name in (*SECTIONS, "all"):
        here = [row.here for row in rows() if name in (row.section, "all")]
        lines.append([name, str(len(here)), *(str(here.count(answer)) for answer in (YES, PARTLY, NO))])
    return "\n".join(table(["", "endpoints", YES, PARTLY, NO], lines))


def listed() -> str:
    """All of them, section by section."""
    parts = []
    for name in SECTIONS:
        lines = [
            [f"`{row.method} {row.path}`", row.here, ", ".join(f"`{one}`" for one in row.refused)]
            for row in rows()
            if row.section == name
        ]
        parts += ["", f"### {name}", "", *table(["endpoint", "here", "refused by name"], lines)]
    return "\n".join(parts[1:])


def written(page: str) -> str:
    """The page with its tables as they follow from the code."""
    for name, content in (("counted", counted()), ("endpoints", listed())):
        page = replaced(page, name, COMMAND, content)
    return page


if __name__ == "__main__":
    sys.exit(run(__doc__, COMMAND, TARGET, lambda: written(TARGET.read_text())))
