"""A source of usage, described once in YAML: where rows are, and what each of them means. `source.schema.json` says every field.

Reading one touches no rows. Raises `Invalid` with everything that is wrong with it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, Literal
from urllib.parse import urlsplit

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError
from yaml.reader import ReaderError

from .errors import Invalid, Unreadable, Wrong
from .extra import needs
from .values import Value, parse

SCHEMA = Path(__file__).with_name("source.schema.json")
WITHIN_DAYS = 35
TEXT = ("csv", "ndjson")
"""Formats that have no types worth trusting: every field is read as text, and taken for what the description says."""
_LARGEST = 256 * 1024
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ENDINGS = {"parquet": "parquet", "csv": "csv", "tsv": "csv", "ndjson": "ndjson", "jsonl": "ndjson", "json": "ndjson"}

Filter = Mapping[str, tuple[object, ...]]
"""By column, the values that it must, or must not, have."""


@dataclass(frozen=True)
class Place:
    """Files (from the folder of the description), a table or a query; one of them."""

    files: str = ""
    format: str = ""
    table: str = ""
    query: str = ""


@dataclass(frozen=True)
class Join:
    """The table that leads from what the rows have (`key`) to Stripe's id of the customer."""

    place: Place
    key: str
    customer: str


@dataclass(frozen=True)
class Meter:
    """What a row adds to a meter, and which rows do."""

    event_name: str
    value: Value
    only: Filter = field(default_factory=dict)
    leave_out: Filter = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A description that makes sense, as far as that can be said without its rows."""

    path: Path
    name: str
    window: Literal["hour", "day"]
    rows: Place
    at: str = field(repr=False)
    """The engine's address, with its password; empty for DuckDB in this process."""
    customer: str
    join: Join | None
    time: str
    zone: str
    """`UTC` where the times have none."""
    unit: str
    """`s`, `ms` or `us` where times are numbers."""
    duplicates: tuple[str, ...]
    within_days: int
    only: Filter
    leave_out: Filter
    meters: tuple[Meter, ...]
    """In the order of their event names."""
    late: Literal["report", "carry", "credit"] = "report"
    """What becomes of a change that is too late for its invoice."""


def read(path: str | os.PathLike[str], environment: Mapping[str, str] = os.environ) -> Source:
    """The description in a file. Raises `Invalid`."""
    path = Path(path)
    try:
        raw = _parsed(path)
        problems = list(_against_schema(raw))
        if not problems:
            return _source(path, raw, environment)
    except (Unreadable, OSError, ValueError, RecursionError, yaml.YAMLError) as e:
        problems = e.problems if isinstance(e, Invalid) else [_said(e)]
    raise Invalid([f"{path}: {problem}" for problem in problems])


def _said(error: Exception) -> str:
    match error:
        case Unreadable():
            return str(error)
        case OSError():
            return str(error.strerror)
        case yaml.MarkedYAMLError(problem=str(problem), problem_mark=yaml.Mark() as mark):
            return f"line {mark.line + 1}: {problem}; write plain YAML"
        case UnicodeDecodeError() | ReaderError():
            return "is not UTF-8 text; convert it to UTF-8"
    return "is not plain YAML: it is nested too deep, or has a date that is none"


def _parsed(path: Path) -> object:
    with path.open("rb") as stream:
        data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise Unreadable(f"is larger than {_LARGEST // 1024} KiB; is it a description?")
    return yaml.load(data.decode(), _Loader)  # noqa: S506 - a safe loader, with less in it


class _Loader(yaml.SafeLoader):
    """Refuses what can only mislead: keys that are there twice, and references, which a few lines of grow without end."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise ComposerError(None, None, f"has a reference (*{event.anchor}); write it out", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [key.value for key, _ in node.value]
        if twice := [key for i, key in enumerate(keys) if key in keys[:i]]:
            raise ConstructorError(None, None, f"has {twice[0]} twice; take one out", node.start_mark)
        return super().construct_mapping(node, deep)


def _against_schema(raw: object) -> Iterator[str]:
    with needs():
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import best_match
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for error in sorted(validator.iter_errors(raw), key=lambda e: [str(step) for step in e.absolute_path]):
        inner = best_match([error]) or error
        where = ".".join(str(step) for step in inner.absolute_path)
        message = inner.message if len(inner.message) < 200 else f"{inner.message[:200]}…"
        if inner.validator == "oneOf":
            message = "give one of files, table and query"
        yield f"{where}: {message}" if where else message


def _source(path: Path, raw: Any, environment: Mapping[str, str]) -> Source:
    problems: list[str] = []
    customer, time, duplicates = raw["customer"], raw["time"], raw["duplicates"]
    customer = {"column": customer} if isinstance(customer, str) else customer
    time = {"column": time} if isinstance(time, str) else time
    duplicates = {"columns": []} if duplicates == "none" else duplicates
    join = customer.get("join")
    found = Source(
        path=path,
        name=raw["name"],
        window=raw["window"],
        rows=_place(raw["rows"], "rows", problems),
        at=_address(raw["rows"].get("at", ""), environment, problems),
        customer=customer["column"],
        join=Join(_place(join, "customer.join", problems), join["key"], join["customer"]) if join else None,
        time=time["column"],
        zone=time.get("zone", ""),
        unit=time.get("unit", ""),
        duplicates=tuple(duplicates["columns"]),
        within_days=duplicates.get("within_days", WITHIN_DAYS),
        only=_filter(raw),
        leave_out=_filter(raw, "except"),
        meters=tuple(sorted(_meters(raw["meters"], problems), key=lambda meter: meter.event_name)),
        late=raw.get("late", "report"),
    )
    places = [found.rows, *([found.join.place] if found.join else [])]
    if found.at and any(place.format in TEXT for place in places):
        problems.append("rows.at: CSV and NDJSON are read by DuckDB in this process; leave at out, or give Parquet")
    if problems:
        raise Invalid(problems)
    return found


def _place(raw: Mapping[str, str], where: str, problems: list[str]) -> Place:
    files = raw.get("files", "")
    suffixes = [s.lstrip(".") for s in PurePath(files).suffixes if s not in (".gz", ".zst")]
    format = raw.get("format") or _ENDINGS.get(suffixes[-1].lower() if suffixes else "", "")
    if files and not format:
        problems.append(f"{where}.files: {files} does not say what it is; give format: parquet, csv or ndjson")
    return Place(files, format, raw.get("table", ""), raw.get("query", ""))


def _address(text: str, environment: Mapping[str, str], problems: list[str]) -> str:
    missing = sorted({name for name in _VARIABLE.findall(text) if not environment.get(name)})
    problems += [f"rows.at: {name} is not set; set it to what stands for ${{{name}}}" for name in missing]
    try:
        parts = urlsplit(_VARIABLE.sub("", text))
        secret = bool(parts.password) or "password=" in parts.query.lower()
    except ValueError:
        problems.append("rows.at: is not an address; give one such as postgres://reader@host/logs or ${LOGS_URL}")
        return ""
    if secret:
        problems.append("rows.at: has a password, which does not belong in a file; give it as ${NAME}, and set NAME")
    found = _VARIABLE.sub(lambda match: environment.get(match[1], ""), text)
    if text and not missing and "://" not in found:
        problems.append("rows.at: is not an address; give one such as postgres://reader@host/logs or ${LOGS_URL}")
    return found


def _filter(raw: Mapping[str, Any], name: str = "only") -> Filter:
    return {c: tuple(v) if isinstance(v, list) else (v,) for c, v in raw.get(name, {}).items()}


def _meters(raw: Mapping[str, Any], problems: list[str]) -> Iterator[Meter]:
    for event_name, given in raw.items():
        meter = {"value": given} if isinstance(given, str) else given
        try:
            value = parse(meter["value"])
        except Wrong as e:
            problems.append(f"meters.{event_name}: {e}")
        else:
            yield Meter(event_name, value, _filter(meter), _filter(meter, "except"))
