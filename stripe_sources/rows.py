"""The rows of a source as every engine sees them alike, in a handful of columns of known types. Nothing is computed here.

`time` (a timestamp or a whole number), `customer` (Stripe's id, or null), `key0…` (what tells duplicates), `value0…` (decimals;
null where there is none, or none that can be read exactly) and `meter0…` (whether the row counts for it).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from .engine import Engine
from .errors import Invalid
from .source import TEXT, Filter, Source

UNITS = {"": 1, "s": 1, "ms": 1000, "us": 1_000_000}

_PLACES = 12
_DIGITS = 38
_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,12})?$"
_WHOLE = r"^[0-9]{1,18}$"
_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
_OFFSET = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
_LONGEST_OF_JSON = 16
"""A JSON number with a fraction reaches us through a double, which has 15 digits for certain; with the point that is 16."""


class Rows(NamedTuple):
    """`table` as above.

    `values` are the columns that the `value0…` are, `ambiguous` the keys that the join leads on to several customers.
    """

    table: Any
    values: list[str]
    ambiguous: Any
    source: Source

    def at(self, seconds: int) -> Any:
        """A moment, to compare `time` with."""
        import ibis

        dtype = self.table.time.type()
        if dtype.is_integer():
            return seconds * UNITS[self.source.unit]
        moment = datetime.fromtimestamp(seconds, UTC)
        return ibis.literal(moment if dtype.timezone else moment.replace(tzinfo=None), type=dtype)

    def names(self, kind: str) -> list[str]:
        """The columns `key0…`, `value0…` or `meter0…`."""
        return [name for name in self.table.columns if name.startswith(kind)]


def rows(engine: Engine, source: Source) -> Rows:
    """Raises `Invalid` with all columns that are not there, or cannot be what they are described as."""
    problems: list[str] = []
    reader = _Reader(engine.rows, source.rows.format, problems, nan=engine.connection.name == "postgres")
    values = list(dict.fromkeys(column for meter in source.meters for column in meter.value.factors))
    columns = {
        "time": reader.time(source),
        "held": reader.customer(source),
        **{f"key{i}": reader.column(name, "duplicates") for i, name in enumerate(source.duplicates)},
        **{f"value{i}": reader.number(name) for i, name in enumerate(values)},
        **{f"meter{i}": reader.chosen(m.only, m.leave_out, f"meters.{m.event_name}") for i, m in enumerate(source.meters)},
    }
    chosen = reader.chosen(source.only, source.leave_out, "")
    joined = _joined(engine, source, problems)
    if problems:
        raise Invalid([f"{source.path}: {problem}" for problem in dict.fromkeys(problems)])
    table = engine.rows.filter(chosen).select(**columns)
    if joined is None:
        return Rows(table.rename(customer="held"), values, None, source)
    table = table.left_join(joined, table.held == joined.leads)
    return Rows(table.drop("held", "leads", "several"), values, joined.filter(joined.several > 1).select("leads"), source)


def _joined(engine: Engine, source: Source, problems: list[str]) -> Any:
    """One line for each key, so that no row can come out of the join twice."""
    if not (join := source.join):
        return None
    reader = _Reader(engine.joined, join.place.format, problems)
    key, customer = (reader.column(name, "customer.join") for name in (join.key, join.customer))
    if key is None or customer is None:
        return None
    pairs = engine.joined.select(leads=_id(key), customer=_id(customer))
    pairs = pairs.filter(pairs.leads.notnull(), pairs.customer.notnull())
    return pairs.group_by("leads").aggregate(customer=pairs.customer.min(), several=pairs.customer.nunique())


def _id(column: Any) -> Any:
    return column.cast("string").nullif("")


class _Reader:
    """Columns of a table, each with what is wrong with it."""

    def __init__(self, table: Any, format: str, problems: list[str], *, nan: bool = False) -> None:
        self._table, self._format, self._problems, self._nan = table, format, problems, nan
        self._text = format in TEXT

    def column(self, name: str, where: str) -> Any:
        """Also one of a struct, by its path."""
        if name in self._table.columns:
            return self._table[name]
        first, *steps = name.split(".")
        found = self._table[first] if first in self._table.columns else None
        for step in steps:
            found = found[step] if found is not None and found.type().is_struct() and step in found.type().names else None
        if found is None:
            there = ", ".join(self._table.columns[:20]) + (", …" if len(self._table.columns) > 20 else "")
            self._problems.append(f"{where}: there is no column {name} (there are {there})")
        return found

    def customer(self, source: Source) -> Any:
        column = self.column(source.customer, "customer")
        if column is None:
            return None
        if not source.join and not column.type().is_string():
            self._problems.append(
                f"customer: {source.customer} is {column.type()}, and Stripe's ids are text; give a join that leads to them"
            )
        return _id(column)

    def time(self, source: Source) -> Any:
        column = self.column(source.time, "time")
        if column is None:
            return None
        dtype = column.type()
        if source.unit:
            if dtype.is_integer():
                return column.cast("int64")
            if self._text and dtype.is_string():
                return _where(column, column.re_search(_WHOLE)).cast("int64")
            self._problems.append(f"time: {source.time} is {dtype}, which has no unit; leave unit out, or give whole numbers")
        elif self._text and dtype.is_string():
            if source.zone:
                return _where(column, column.re_search(f"{_TIME}$")).try_cast("timestamp")
            return _where(column, column.re_search(_TIME + _OFFSET)).try_cast("timestamp('UTC')")
        elif dtype.is_timestamp():
            if dtype.timezone or source.zone:
                return column
            self._problems.append(
                f"time: {source.time} has no time zone; where it is UTC, give {{column: {source.time}, zone: UTC}}, "
                "else convert it in rows.query: an hour of local time comes twice a year"
            )
        elif dtype.is_integer():
            self._problems.append(f"time: {source.time} is {dtype}; give {{column: {source.time}, unit: s}}, or ms, or us")
        else:
            self._problems.append(f"time: {source.time} is {dtype}; make it a timestamp with a time zone in rows.query")
        return None

    def number(self, name: str) -> Any:
        column = self.column(name, "meters")
        if column is None:
            return None
        dtype = column.type()
        if dtype.is_integer():
            return column.cast(_decimal(0))
        if dtype.is_decimal() and dtype.scale is not None:
            if self._nan:  # with which every sum is NaN, too
                column = _where(column, column.cast("string") != "NaN")
            return column.cast(_decimal(dtype.scale))
        if dtype.is_decimal() or (self._text and dtype.is_string()):
            # as written: a decimal without limits, and text, would be rounded without a word
            text = column.cast("string")
            right = text.re_search(_NUMBER)
            if self._format == "ndjson":
                right &= text.length() <= _LONGEST_OF_JSON
            return _where(text, right).cast(_decimal(_PLACES))
        said = "whose sums are not exact" if dtype.is_floating() else "which is no number"
        self._problems.append(
            f"meters: {name} is {dtype}, {said}; make it an integer or a decimal in rows.query: cast({name} as decimal(18, 6))"
        )
        return None

    def chosen(self, only: Filter, leave_out: Filter, where: str) -> Any:
        """Whether a row is one of those that the filters leave; never null."""
        import ibis

        found: Any = ibis.literal(True)
        for matches in self._matches(only, f"{where}.only".lstrip(".")):
            found &= matches
        for matches in self._matches(leave_out, f"{where}.except".lstrip(".")):
            found &= ~matches
        return found

    def _matches(self, filter: Filter, where: str) -> Iterator[Any]:
        import ibis

        for name, values in filter.items():
            column = self.column(name, where)
            if column is None:
                continue
            known = [_as_text(v) if self._text else v for v in values if v is not None]
            kind = _kind(column.type())
            if wrong := [v for v in known if type(v) is not kind]:  # True is no 1
                self._problems.append(f"{where}: {name} is {column.type()}, which is never {wrong[0]!r}")
                continue
            found: Any = column.isin(known).fill_null(False) if known else ibis.literal(False)
            yield found | column.isnull() if None in values else found


def _kind(dtype: Any) -> type | None:
    if dtype.is_boolean():
        return bool
    if dtype.is_integer() or dtype.is_decimal():
        return int
    return str if dtype.is_string() else None


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _where(column: Any, condition: Any) -> Any:
    import ibis

    return ibis.ifelse(condition, column, ibis.null(column.type()))


def _decimal(scale: int) -> Any:
    import ibis.expr.datatypes

    return ibis.expr.datatypes.Decimal(_DIGITS, scale)
