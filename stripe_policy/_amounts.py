"""The amounts of a price: minor currency units, exactly (`Decimal`), each with the path of its field. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import stripe_pricing

from ._resources import UNKNOWN


@dataclass(frozen=True)
class Amount:
    """One amount in a price."""

    path: str
    """`unit_amount`, `tiers[0].flat_amount_decimal`, `currency_options["eur"].unit_amount`, ..."""
    currency: str
    """Three letters, or "" where it is not known yet."""
    raw: Any
    """As declared."""

    @property
    def value(self) -> Decimal | None:
        """Minor units; None where it is not a finite number."""
        return decimal(self.raw)

    @property
    def field(self) -> str:
        """The last part of the path, without `_decimal`."""
        return self.path.rpartition(".")[2].removesuffix("_decimal")

    @property
    def in_tiers(self) -> bool:
        """Whether it is a tier's."""
        return "tiers[" in self.path


def decimal(raw: Any) -> Decimal | None:
    """A number, or the text of one, exactly; None for anything else. The wire turns every number into a double."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
        return None
    try:
        value = Decimal(str(raw))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


FIELDS = ("currency", "unit_amount", "unit_amount_decimal", "custom_unit_amount", "tiers", "currency_options")
"""Where they are."""


def options(props: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(path, currency, the fields that say what it costs): the price's own currency, then its further ones."""
    yield prefix, _currency(props.get("currency")), props
    further = props.get("currency_options")
    if isinstance(further, Mapping):
        for currency, option in further.items():
            if isinstance(option, Mapping):
                yield f'{prefix}currency_options["{_currency(currency)}"].', _currency(currency), option


def amounts(props: Mapping[str, Any], prefix: str = "") -> Iterator[Amount]:
    """All amounts of a price that are known."""
    for path, currency, option in options(props, prefix):
        yield from _amounts(option, ("unit_amount", "unit_amount_decimal"), path, currency)
        custom = option.get("custom_unit_amount")
        if isinstance(custom, Mapping):
            yield from _amounts(custom, ("minimum", "maximum", "preset"), f"{path}custom_unit_amount.", currency)
        tiers = option.get("tiers")
        for i, tier in enumerate(tiers if isinstance(tiers, list) else ()):
            if isinstance(tier, Mapping):
                names = ("unit_amount", "unit_amount_decimal", "flat_amount", "flat_amount_decimal")
                yield from _amounts(tier, names, f"{path}tiers[{i}].", currency)


def _amounts(fields: Mapping[str, Any], names: tuple[str, ...], path: str, currency: str) -> Iterator[Amount]:
    for name in names:
        if fields.get(name) is not None and fields[name] is not UNKNOWN:
            yield Amount(f"{path}{name}", currency, fields[name])


def _currency(value: Any) -> str:
    """A code of three letters; anything else is not shown and not known."""
    return value if isinstance(value, str) and len(value) == 3 and value.isalpha() and value.islower() else ""


def money(value: Decimal, currency: str) -> str:
    """Minor units as people write them, "0.04 USD"; without separators, since approvals in stacks' configuration quote it."""
    return f"{stripe_pricing.money(value, currency).replace(',', '').strip()}{'' if currency else ' of an unknown currency'}"


def amount_of(fields: Mapping[str, Any], name: str, default: Decimal | None = None) -> Decimal | None:
    """An amount however it is written; `default` where it is absent, None where it is not known or not a number."""
    for key in (name, f"{name}_decimal"):
        if fields.get(key) is not None:
            return decimal(fields[key])
    return default
