"""`policy:approvedPriceChanges`: which changes of production's prices somebody has agreed to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_policy import PolicyResource, ResourceValidationArgs, StackValidationArgs

from stripe_client.reading import parsed

from ._amounts import options
from ._past import Old, Past
from ._resources import PRICE, UNKNOWN, is_harmless, known, of_type, plain
from ._stack import is_update, settings
from ._terms import text

APPROVALS = "policy:approvedPriceChanges"
"""A list of {price: the resource's name, from: what it charges, to: what it is to charge, or retired}."""

RETIRED = "retired"


@dataclass(frozen=True)
class Change:
    """One change of a price, as an approval names it."""

    price: str
    before: str
    after: str
    previewed: str = ""
    """The same as `after`, as the preview said it, which does not know the ids of what is made with the price."""

    def is_approved(self, resource: ResourceValidationArgs | PolicyResource) -> bool:
        """Whether the stack's configuration has such an entry."""
        return any(map(self.is_approved_by, entries(resource)))

    def is_approved_by(self, entry: Any) -> bool:
        """Whether an entry names this price and this very change. White space does not matter."""
        if not isinstance(entry, Mapping):
            return False
        said = [entry.get("price"), _folded(entry.get("from")), _folded(entry.get("to"))]
        afters = {self.after, self.previewed or self.after}
        return any(said == [self.price, _folded(self.before), _folded(after)] for after in afters)

    @property
    def remedy(self) -> str:
        """The entry that approves it."""
        entry = f'{{price: {self.price}, from: "{self.before}", to: "{self.after}"}}'
        return f"Approve it in the stack's configuration, {APPROVALS}: - {entry}"


def entries(resource: ResourceValidationArgs | PolicyResource) -> list[Any]:
    """What the list has, each once; a value that is no list is an entry by itself."""
    found: list[Any] = []
    for value in settings(resource, APPROVALS):
        if not isinstance(value, str) or not value.strip():
            continue
        try:
            given = parsed(value)
        except ValueError:
            given = value
        found += [entry for entry in (given if isinstance(given, list) else [given]) if entry not in found]
    return found


def change_of(price: ResourceValidationArgs | PolicyResource, past: Past) -> Change | None:
    """What a declared price charges otherwise than before; None where it is new, and where nothing changes."""
    old = past.of(price, "lookup_key")
    if old is None:
        return None
    before, news = text(old.props), plain(price.props)
    after = _after(old.props, news, past)
    previewed = _after(old.props, news, past, unseen=True) if is_update() else ""
    return Change(price.name, before, after, previewed) if after != before else None


def retirements(args: StackValidationArgs, past: Past) -> Iterator[tuple[Old, PolicyResource | None, Change]]:
    """Each price that could be sold and no longer can: what it was, and the resource that is declared inactive, None where it is
    not declared any more."""
    successors = {old.urn: price for price in of_type(args, PRICE) if (old := past.of(price, "lookup_key")) is not None}
    for old in past.of_type(PRICE):
        successor = successors.get(old.urn)
        if old.props.get("active") is not False and (successor is None or known(successor.props, "active") is False):
            yield old, successor, Change((successor or old).name, text(old.props), RETIRED)


def _after(olds: Mapping[str, Any], news: Mapping[str, Any], past: Past, *, unseen: bool = False) -> str:
    """What the price is to charge, and whether it is another one at Stripe for a reason other than its amounts."""
    parts = [text(news)]
    if news.get("currency_options") and news.get("currency") != olds.get("currency"):
        # The text has all currencies, in one order; who names none is billed in the price's own.
        parts.append(f"first of all in {_own_currency(news)}")
    if _tax_is_known(olds) and not _tax_is_known(news):
        parts.append("tax not specified")
    for words, of in (("of {} product", _product), ("by {} meter", _meter)):
        before, after = of(olds), of(news)
        if before != after:
            parts.append(_other(words, before, after, past, unseen))
    return ", ".join(parts)


def _other(words: str, before: Any, after: Any, past: Past, unseen: bool) -> str:
    if after is None:
        return words.format("no")
    if after is UNKNOWN or (unseen and past.name_of(after) is None):
        return words.format("another")
    return f"{words.format('the')} {_named(after, past)} instead of {_named(before, past)}"


def _named(value: Any, past: Past) -> str:
    """A product or a meter: the resource's name, and the id. Any other text may be a secret, so it has a fingerprint only."""
    if value is None or value is UNKNOWN:
        return "none" if value is None else "an unknown one"
    digest = hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
    said, name = value if is_harmless(value) else f"#{digest[:8]}", past.name_of(value)
    return f"{name} ({said})" if name else said


def _product(props: Mapping[str, Any]) -> Any:
    return props.get("product") or props.get("product_data")


def _meter(props: Mapping[str, Any]) -> Any:
    recurring = props.get("recurring")
    return (recurring.get("meter") or None) if isinstance(recurring, Mapping) else UNKNOWN if recurring is UNKNOWN else None


def _own_currency(props: Mapping[str, Any]) -> str:
    return next(currency for _, currency, _ in options(props)).upper() or "an unknown currency"


def _tax_is_known(props: Mapping[str, Any]) -> bool:
    return (props.get("tax_behavior") or "unspecified") != "unspecified"


def _folded(text: Any) -> str:
    return " ".join(str(text).split())
