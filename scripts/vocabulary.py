"""Writes stripe_resources/vocabulary.py, the values that Stripe lists, from the types of Stripe's SDK.

python -m scripts.vocabulary            writes it
python -m scripts.vocabulary --check    fails where it is stale
"""

from __future__ import annotations

import collections.abc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from stripe import params
from typing_extensions import is_typeddict  # Stripe's SDK makes its TypedDicts with it, on every Python

from scripts.generated import run

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "stripe_resources" / "vocabulary.py"

HEADER = '''\
"""The values that Stripe lists. Written by `python -m scripts.vocabulary` from the types of Stripe's SDK: do not edit.

Payment settings: https://docs.stripe.com/api/subscriptions/create#create_subscription-payment_settings
"""

from __future__ import annotations

from typing import Annotated, Literal, Required, TypedDict

from stripe_resources.declare import Default, Input, List, Unset
'''

LISTS: dict[str, tuple[type, str, str]] = {
    "ApiVersion": (
        params.WebhookEndpointCreateParams,
        "api_version",
        "The versions that events can be written in. https://docs.stripe.com/api/versioning",
    ),
    "EventType": (
        params.WebhookEndpointCreateParams,
        "enabled_events",
        "The events that a webhook endpoint can be sent. https://docs.stripe.com/api/events/types",
    ),
    "TaxIdType": (
        params.CustomerCreateParamsTaxIdDatum,
        "type",
        "https://docs.stripe.com/api/customers/create#create_customer-tax_id_data-type",
    ),
    "TaxType": (
        params.TaxRateCreateParams,
        "tax_type",
        "https://docs.stripe.com/api/tax_rates/create#create_tax_rate-tax_type",
    ),
}
"""A list's name → the field of the SDK that has it, and its docstring."""

SETTINGS = params.SubscriptionCreateParamsPaymentSettings
_OPTIONS = f"{SETTINGS.__name__}PaymentMethodOptions"

CLASS_TEXTS = {
    "PaymentSettings": "Which payment methods the subscription's invoices take, and how.",
    "PaymentMethodOptions": "What is particular to each payment method.",
}
METHODS = {
    "acss_debit": "Canadian pre-authorised debit",
    "bancontact": "Bancontact",
    "billie": "Billie",
    "blik": "BLIK",
    "card": "cards",
    "customer_balance": "the customer balance (bank transfers)",
    "konbini": "Konbini",
    "payto": "PayTo",
    "pix": "Pix",
    "sepa_debit": "SEPA direct debit",
    "upi": "UPI",
    "us_bank_account": "US bank accounts",
}
"""What a payment method is called in a sentence; by default Stripe's name."""

MARKS = {"payment_method_options": "Unset.INSIDE", "save_default_payment_method": 'Default("off")'}
"""What the SDK's types do not say about a field: how it is put back when it leaves the program."""

# Names that the SDK imports for type checkers only.
_ELSEWHERE = {"StripeContext": object, "Mapping": collections.abc.Mapping, "Dict": dict}


def document() -> str:
    """The whole file, formatted."""
    parts = [HEADER]
    for name, (declaration, field, text) in LISTS.items():
        parts.append(f'{name} = {_literal(values_of(declaration, field))}\n"""{text}"""\n')
    parts += _classes(SETTINGS, ())
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(TARGET), "-"]
    return subprocess.run(command, input="\n".join(parts), capture_output=True, text=True, check=True, cwd=ROOT).stdout


def values_of(declaration: type, field: str) -> list[str]:
    """The values that the SDK's type lists for a field."""
    return _values(_hints(declaration)[field])


def _hints(declaration: type) -> dict[str, Any]:
    return get_type_hints(declaration, localns=_ELSEWHERE)


def _literal(values: list[str]) -> str:
    return "Literal[" + ", ".join(f'"{value}"' for value in values) + "]"


def _values(hint: Any) -> list[str]:
    """The values listed anywhere in a type, sorted; without "", with which Stripe clears a field."""
    return sorted(_literals(hint) - {""})


def _literals(hint: Any) -> set[str]:
    if get_origin(hint) is Literal:
        return set(get_args(hint))
    return {value for part in get_args(hint) for value in _literals(part)}


def _classes(declaration: type, path: tuple[str, ...]) -> Iterator[str]:
    """A nested object and those inside it; `path` leads to it from the options of a payment method."""
    lines = [f"class {_name(declaration)}(TypedDict, total=False):", f'    """{_text(declaration, path)}"""', ""]
    inside: list[str] = []
    required: frozenset[str] = declaration.__required_keys__  # type: ignore[attr-defined]
    for field, hint in _hints(declaration).items():
        lines.append(f"    {field}: {_annotation(field, hint, field in required)}")
        if inner := _object(hint):
            inside += _classes(inner, (*path, field) if declaration is not SETTINGS else ())
    yield "\n".join(lines) + "\n"
    yield from inside


def _name(declaration: type) -> str:
    name = declaration.__name__.removeprefix(_OPTIONS) or "PaymentMethodOptions"
    return "PaymentSettings" if declaration is SETTINGS else name


def _text(declaration: type, path: tuple[str, ...]) -> str:
    if not path:
        return CLASS_TEXTS[_name(declaration)]
    method = METHODS.get(path[0], f"`{path[0]}`")
    if len(path) == 1:
        return f"How {method} {'are' if method.endswith('s') else 'is'} used."
    return f"For {method}: `{'.'.join(path[1:])}`."


def _annotation(field: str, hint: Any, required: bool) -> str:
    """The type in the words of `stripe_resources.declare`. What Stripe cannot clear is kept when it leaves the program."""
    clearable = hint is str or "" in _literals(hint)
    mark = MARKS.get(field, "" if required or clearable else "Unset.KEEP")
    type_ = f"Input[{_type(hint)}]" + ("" if required else " | None")
    type_ = f"Annotated[{type_}, {mark}]" if mark else type_
    return f"Required[{type_}]" if required else type_


def _type(hint: Any) -> str:
    if get_origin(hint) is list:
        return f"List[Input[{_type(get_args(hint)[0])}]]"
    if inner := next((part for part in get_args(hint) if get_origin(part) is list), None):
        return _type(inner)
    if inner := _object(hint):
        return _name(inner)
    return _literal(_values(hint)) if _values(hint) else str(hint.__name__)


def _object(hint: Any) -> type | None:
    """The TypedDict in a type."""
    return next((t for t in (hint, *get_args(hint)) if is_typeddict(t)), None)


if __name__ == "__main__":
    sys.exit(run(__doc__, "python -m scripts.vocabulary", TARGET, document))
