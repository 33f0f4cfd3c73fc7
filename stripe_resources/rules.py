"""Stripe's rules across the fields of a resource, as data: what a kind lists as its `rules`. Pure.

    rules=(
        ExactlyOne(("amount_off", "percent_off"), "a coupon gives one discount"),
        OnlyWith("duration_in_months", When("duration", "repeating", default="once")),
    )

They are asked of inputs whose types are right. In a preview a value may be `UNKNOWN`: such a field is given, but what depends on
its value is not judged. `at` is the path of the object that has the fields: "" for the resource itself, `recurring` for an object
in it, `usage_threshold.filters[]` for each object in a list, `currency_options{}` for each object in a map. Where there is no
such object, or it is not known yet, the rule has nothing to say.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._core.values.schema import UNKNOWN, Failure

__all__ = [
    "AtMostOne",
    "Distinct",
    "ExactlyOne",
    "Later",
    "Needs",
    "NotOver",
    "NotWith",
    "OnlyWith",
    "OtherCurrencies",
    "Places",
    "Rule",
    "When",
]

Values = Mapping[str, Any]
Wrong = tuple[str, str]
"""The field that is wrong, by its path from the object, and what is wrong with it."""


@dataclass(frozen=True)
class When:
    """That a field is given; or that it has `value`, where one that is left out has `default`."""

    name: str
    value: str | bool | None = None
    default: str | bool | None = None

    def holds(self, values: Values) -> bool | None:
        """Whether it is so; None where that is not known yet."""
        if self.value is None:
            return self.name in values
        found = values.get(self.name, self.default)
        return None if found is UNKNOWN else bool(found == self.value)

    def __str__(self) -> str:
        if self.value is None:
            return f"`{self.name}`"
        return f'`{self.name}="{self.value}"`' if isinstance(self.value, str) else f"`{self.name}={self.value}`"


@dataclass(frozen=True)
class Rule(ABC):
    """A rule across fields of one object."""

    at: str = field(default="", kw_only=True)

    def failures(self, inputs: Values) -> Iterator[Failure]:
        """Where the inputs of a resource break it."""
        for path, values in _places(inputs, self.at):
            for name, reason in self._wrong(values):
                yield Failure(f"{path}.{name}" if path else name, reason)

    @abstractmethod
    def _wrong(self, values: Values) -> Iterable[Wrong]:
        """Where the object breaks it."""

    def live(self, live: Values) -> Values:
        """Stripe's object without what no inputs can have for this rule."""
        return live


@dataclass(frozen=True)
class AtMostOne(Rule):
    """Fields that exclude each other; `why` completes "cannot be given together"."""

    names: tuple[str, ...]
    why: str

    def _wrong(self, values: Values) -> Iterable[Wrong]:
        given = [name for name in self.names if name in values]
        if len(given) > 1:
            yield given[1], f"cannot be given together with `{given[0]}`: {self.why}; remove one of them"


@dataclass(frozen=True)
class ExactlyOne(AtMostOne):
    """Fields of which one is needed; `give` says what to give where there is none. With `when`, only then."""

    give: str = ""
    when: When | None = None

    def _wrong(self, values: Values) -> Iterable[Wrong]:
        if self.when is not None and not self.when.holds(values):
            return
        if not any(name in values for name in self.names):
            yield self.names[0], f"is missing; give {self.give or f'exactly one of {_listed(self.names)}'}"
        yield from super()._wrong(values)


@dataclass(frozen=True)
class Needs(Rule):
    """A field that is needed: always, or `when` another one is given or has a value."""

    name: str
    give: str
    when: When | None = None

    def _wrong(self, values: Values) -> Iterable[Wrong]:
        if self.name in values:
            return
        if self.when is None:
            yield self.name, f"is missing; give {self.give}"
        elif self.when.holds(values):
            yield self.name, f"is missing, which {self.when} needs; give {self.give}"


@dataclass(frozen=True)
class OnlyWith(Rule):
    """A field that says nothing unless another one is given or has a value."""

    name: str
    when: When

    def _wrong(self, values: Values) -> Iterable[Wrong]:
        if self.name in values and self.when.holds(values) is False:
            yield self.name, f"needs {self.when}; add that, or remove this"


@dataclass(frozen=True)
class NotWith(Rule):
    """A field that cannot be given when another one has a value."""

    name: str
    when: When

    def _wrong(self, values: Values) -> Iterable[Wrong]:
        if self.name in values and self.when.holds(values):
            yield self.name, f"cannot be given together with {self.when}; remove one of them"


@dataclass(frozen=True)
class Later(Rule):
    """A time, in Unix seconds, that comes after another one."""

    begin: str
    end: str

    def _wrong(self, values: Values) -> Iterable[Wrong]:
        begin, end = values.get(self.begin), values.get(self.end)
        if isinstance(begin, int) and isinstance(end, int) and end <= begin:
            yield self.end, f"{end} is not after `{self.begin}` ({begin}); give a later time"


@dataclass(frozen=True)
class NotOver(Rule):
    """A number that is at most another one."""

    low: str
    high: str

    def _wrong(self, values: Values) -> Iterable[Wrong]:
        low, high = values.get(self.low), values.get(self.high)
        if isinstance(low, int) and isinstance(high, int) and low > high:
            yield self.low, f"{low} is more than `{self.high}` ({high}); give at most that"


@dataclass(frozen=True)
class Distinct(Rule):
    """A list whose entries differ, or with `key` the field of that name in them."""

    name: str
    remedy: str
    key: str = ""

    def _wrong(self, values: Values) -> Iterable[Wrong]:
        entries = values.get(self.name)
        first: dict[Any, int] = {}
        for i, entry in enumerate(entries if isinstance(entries, list) else ()):
            value = entry.get(self.key) if self.key and isinstance(entry, Mapping) else entry
            if isinstance(value, str) and first.setdefault(value, i) != i:
                where = f"{self.name}[{i}]" + (f".{self.key}" if self.key else "")
                yield where, f'"{value}" is in {self.name}[{first[value]}] already; {self.remedy}'


@dataclass(frozen=True)
class Places(Rule):
    """A number with at most `places` decimal places: Stripe would round it."""

    name: str
    places: int

    def _wrong(self, values: Values) -> Iterable[Wrong]:
        value = values.get(self.name)
        if isinstance(value, float) and round(value, self.places) != value:
            yield self.name, f"{value} has more than {self.places} decimal places; round it yourself"


@dataclass(frozen=True)
class OtherCurrencies(Rule):
    """Amounts in further currencies, by currency: the object's own is not among them, though it is at Stripe."""

    options: str = "currency_options"
    currency: str = "currency"

    def _wrong(self, values: Values) -> Iterable[Wrong]:
        options, own = values.get(self.options), values.get(self.currency)
        if isinstance(options, Mapping) and own in options:
            yield f'{self.options}["{own}"]', f"is `{self.currency}` itself; remove it here"

    def live(self, live: Values) -> Values:
        """Without the object's own currency among the options."""
        return _replaced(live, self.at.split(".") if self.at else [], self._others)

    def _others(self, values: Values) -> Values:
        options = values.get(self.options)
        if not isinstance(options, Mapping):
            return values
        return {**values, self.options: {c: option for c, option in options.items() if c != values.get(self.currency)}}


def _places(values: Any, at: str, path: str = "") -> Iterator[tuple[str, Values]]:
    """The objects at a path below the values that are known, each with its own path."""
    if not isinstance(values, Mapping):
        return
    if not at:
        yield path, values
        return
    step, _, rest = at.partition(".")
    name = step.rstrip("[]{}")
    inner, below = values.get(name), f"{path}.{name}" if path else name
    if step == name:
        yield from _places(inner, rest, below)
    elif step.endswith("{}"):
        for key, each in inner.items() if isinstance(inner, Mapping) else ():
            yield from _places(each, rest, f'{below}["{key}"]')
    else:
        for i, each in enumerate(inner if isinstance(inner, list) else ()):
            yield from _places(each, rest, f"{below}[{i}]")


def _replaced(values: Values, at: Sequence[str], change: Callable[[Values], Values]) -> Values:
    """The values with the object at a path changed, where there is one."""
    if not at:
        return change(values)
    inner = values.get(at[0])
    return {**values, at[0]: _replaced(inner, at[1:], change)} if isinstance(inner, Mapping) else values


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
