"""The words in which a resource is declared, and their compilation into `_core.values.schema`.

A declaration is a TypedDict of Pulumi inputs. What a field is stands in its annotation, once:

    class MeterArgs(TypedDict, total=False):
        display_name: Required[Annotated[Input[str], Length(250)]]
        event_name: Required[Annotated[Input[str], Length(100), IMMUTABLE]]
        event_time_window: Annotated[Input[Literal["day", "hour"]] | None, IMMUTABLE]

None is as good as leaving a field out, which programs do with what `config.get` gives.
Lists (`List[Input[str]]`), maps (`Mapping[str, Input[str]]`), further TypedDicts and Literals nest to any depth, and every depth
takes inputs.
"""

from __future__ import annotations

import collections.abc
import types
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    NotRequired,
    Protocol,
    Required,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import pulumi

from ._core.values import schema
from ._core.values.lifecycle import ARCHIVE, ARCHIVED, DELETE, DELETED, Lifecycle, Step, has
from ._core.values.schema import VALUE, Key, Role, Unique, Unset

LAST_SECOND = 253402300799
"""The end of the year 9999."""

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Input: TypeAlias = T | Awaitable[T] | pulumi.Output[T]
"""A value, or one that is there later: `pulumi.Input`, in a form that can be looked into at run time."""

if TYPE_CHECKING:

    class List(Protocol[T_co]):
        """A list or a tuple. To type checkers a string is a sequence of strings too; it is none of these."""

        def __len__(self) -> int: ...
        def __iter__(self) -> Iterator[T_co]: ...
        def __contains__(self, value: object, /) -> bool: ...
        def __getitem__(self, index: int, /) -> T_co: ...

else:
    List = Sequence

__all__ = [
    "ADOPTION",
    "ARCHIVE",
    "ARCHIVED",
    "CREATE_ONLY",
    "DECIMAL",
    "DELETE",
    "DELETED",
    "ENFORCED",
    "EXPAND",
    "FILLED",
    "IMMUTABLE",
    "MINOR_UNITS",
    "OPTION",
    "RETIRE_OPTION",
    "TIME",
    "UNREADABLE",
    "UPDATE_ONLY",
    "VALUE",
    "Between",
    "Default",
    "Form",
    "Input",
    "Key",
    "Length",
    "Lifecycle",
    "List",
    "Size",
    "Step",
    "Unique",
    "Unset",
    "Wire",
    "fields_of",
    "has",
]

IMMUTABLE = Role.IMMUTABLE
OPTION = Role.OPTION
RETIRE_OPTION = Role.RETIRE_OPTION
ADOPTION = Role.ADOPTION


class _Flag:
    """A marker without a value."""


CREATE_ONLY, UPDATE_ONLY, UNREADABLE = _Flag(), _Flag(), _Flag()
ENFORCED, EXPAND, FILLED, _REQUIRED = _Flag(), _Flag(), _Flag(), _Flag()
DECIMAL, MINOR_UNITS, TIME = _Flag(), _Flag(), _Flag()


@dataclass(frozen=True)
class Length:
    """The most characters (for a map: of each key)."""

    maximum: int


@dataclass(frozen=True)
class Between:
    """Numbers from `minimum` to `maximum`, both included."""

    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True)
class Size:
    """Between `minimum` and `maximum` entries of a list or map."""

    maximum: int | None = None
    minimum: int = 0


@dataclass(frozen=True)
class Form:
    """A regular expression for the whole string, and what it asks for in words ("a currency such as usd")."""

    pattern: str
    words: str


@dataclass(frozen=True)
class Default:
    """Stripe's own default; a field that leaves the program goes back to it."""

    value: Any


@dataclass(frozen=True)
class Wire:
    """Stripe's name, where the input needs another one."""

    name: str


def fields_of(declaration: type) -> Mapping[str, schema.Field]:
    """The fields that a TypedDict declares. Using them raises TypeError for an annotation that has no meaning here."""
    return _Fields(declaration)


class _Fields(Mapping[str, schema.Field]):
    """Fields that are worked out when they are first used.

    A program uses few of the kinds that it imports, and looking into the annotations of all takes longer than importing them.
    """

    def __init__(self, declaration: type) -> None:
        self._declaration = declaration

    @cached_property
    def _found(self) -> dict[str, schema.Field]:
        hints = get_type_hints(self._declaration, include_extras=True)
        return {name: _field(name, hint) for name, hint in hints.items()}

    def __getitem__(self, name: str) -> schema.Field:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _field(name: str, hint: Any) -> schema.Field:
    bare, marks = _unwrapped(hint)
    field = schema.Field(name, _type(bare, marks), required=_REQUIRED in marks)
    for mark in marks:
        if isinstance(mark, Role):
            field = replace(field, role=mark)
        elif isinstance(mark, Default):
            field = replace(field, default=mark.value, unset=Unset.DEFAULT)
        elif isinstance(mark, Unset):
            field = replace(field, unset=mark)
        elif isinstance(mark, Wire):
            field = replace(field, wire=mark.name)
        elif mark is UNREADABLE:
            field = replace(field, readable=False)
        elif mark is ENFORCED:
            field = replace(field, enforced=True)
        elif mark is EXPAND:
            field = replace(field, expand=True)
        elif mark is FILLED:
            field = replace(field, filled=True)
        elif mark in (CREATE_ONLY, UPDATE_ONLY):
            field = replace(field, only="create" if mark is CREATE_ONLY else "update")
    return replace(field, only="create") if field.role is IMMUTABLE else field


def _unwrapped(hint: Any) -> tuple[Any, list[Any]]:
    """The type without Required, Annotated and Input; and the marks found on the way."""
    marks: list[Any] = []
    while True:
        origin = get_origin(hint)
        if origin in (Required, NotRequired):
            marks += [_REQUIRED] if origin is Required else []
            hint = get_args(hint)[0]
        elif origin is Annotated:
            hint, *found = get_args(hint)
            marks += found
        elif origin in (Union, types.UnionType):
            kept = [a for a in get_args(hint) if not _is_of_inputs(a)]
            if len(kept) == len(get_args(hint)):
                return hint, marks
            hint = Union[tuple(kept)]  # noqa: UP007 (the members are only known here)
        else:
            return hint, marks


def _is_of_inputs(hint: Any) -> bool:
    """Whether this is a part of `Input[T] | None` that is not T: an Output, an Awaitable, None."""
    return hint is types.NoneType or get_origin(hint) in (pulumi.Output, collections.abc.Awaitable)


def _type(hint: Any, marks: list[Any]) -> schema.Type:
    origin = get_origin(hint)
    if is_typeddict(hint):
        return schema.Object(fields_of(hint))
    if DECIMAL in marks:
        return schema.DecimalText()
    if TIME in marks:
        return schema.Integer(0, LAST_SECOND, time=True)
    if origin is Literal:
        return schema.Enum(get_args(hint))
    if origin in (Union, types.UnionType):
        return schema.AnyOf(tuple(_type(*_unwrapped(a)) for a in get_args(hint)))
    size = _mark(marks, Size) or Size()
    if origin in (list, collections.abc.Sequence):
        return schema.ListOf(_type(*_unwrapped(get_args(hint)[0])), size.maximum, size.minimum)
    if origin in (dict, collections.abc.Mapping):
        key, value = (_type(*_unwrapped(a)) for a in get_args(hint))
        if not isinstance(key, schema.Text):
            raise TypeError(f"keys of a map are strings: {hint}")
        return schema.MapOf(value, key, size.maximum)
    return _scalar(hint, marks)


def _scalar(hint: Any, marks: list[Any]) -> schema.Type:
    between = _mark(marks, Between) or Between()
    if hint is str:
        length, form = _mark(marks, Length), _mark(marks, Form)
        return schema.Text(length.maximum if length else None, form.pattern if form else None, form.words if form else "")
    if hint is bool:
        return schema.Boolean()
    if hint is int:
        default = schema.Integer()
        return schema.Integer(
            default.minimum if between.minimum is None else between.minimum,
            default.maximum if between.maximum is None else between.maximum,
            money=MINOR_UNITS in marks,
        )
    if hint is float:
        return schema.Number(between.minimum, between.maximum)
    raise TypeError(f"no meaning for {hint!r} in a declaration")


def _mark(marks: Sequence[Any], kind: type) -> Any:
    return next((m for m in marks if isinstance(m, kind)), None)
