"""Parameters, declared once per operation, and their validation as Stripe does it.

A declaration is data: `Params(name=Str(required=True, max_length=250), active=Bool())`. Parsing takes what came
over the wire (strings from a form, values from JSON) and gives Python values: `int` for integers and Unix seconds,
`Decimal` for decimals, `bool`, `str`, `dict`, `list`. A parameter that was not sent is absent from the result; one that
was cleared, with an empty string in a form or null in JSON, is None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .errors import StripeError, empty_param, invalid, missing_param, not_supported, unknown_params

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}\Z")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,19}(?:\.([0-9]*))?|\.([0-9]+))\Z")
_INDEX = re.compile(r"[0-9]{1,9}\Z")
_DEFAULT_MAX_LENGTH = 5000
LATEST = 9_999_999_999
"""The latest time, in Unix seconds: what is longer are milliseconds, and no date can be computed from what is much longer."""


def integer(raw: Any) -> int | None:
    """The integer that `raw` is or spells, or None where it is none, or has more than 64 bits."""
    if isinstance(raw, bool) or not _INTEGER.match(str(raw)):
        return None
    value = int(raw)
    return value if -(2**63) <= value < 2**63 else None


class Param:
    """One parameter.

    `required`: must be sent (and not empty); `clearable`: an empty string unsets it.
    """

    def __init__(self, *, required: bool = False, clearable: bool = False) -> None:
        self.required = required
        self.clearable = clearable

    def parse(self, raw: Any, path: str) -> Any:
        """The Python value of `raw`, which came as the parameter `path`. Raises StripeError."""
        if raw == "" or raw is None:
            if self.clearable:
                return None
            raise empty_param(path)
        return self.convert(raw, path)

    def convert(self, raw: Any, path: str) -> Any:
        """As `parse`, for a value that is not empty."""
        raise NotImplementedError


class Str(Param):
    """A string of at most `max_length` characters. Optional ones can be unset with an empty string, as at Stripe."""

    def __init__(self, max_length: int = _DEFAULT_MAX_LENGTH, *, required: bool = False, clearable: bool | None = None) -> None:
        super().__init__(required=required, clearable=not required if clearable is None else clearable)
        self.max_length = max_length

    def convert(self, raw: Any, path: str) -> str:
        """As `Param.convert`."""
        if not isinstance(raw, str):
            raise invalid(f"Invalid string: {raw}", path)
        if len(raw) > self.max_length:
            shown = f"{raw[:7]}...{raw[-7:]}" if len(raw) > 50 else raw
            raise invalid(f"Invalid string: {shown}; must be at most {self.max_length} characters", path)
        return raw


class AnyWord(Str):
    """One of many words of Stripe's, such as a language; any value is stored as it is."""


class Enum(Param):
    """One of a few words. Some may be `refused` by name, each for its reason."""

    def __init__(
        self, *values: str, required: bool = False, clearable: bool = False, refused: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(required=required, clearable=clearable)
        self.values = values
        self.refused = refused or {}

    def convert(self, raw: Any, path: str) -> str:
        """As `Param.convert`."""
        if isinstance(raw, str) and raw in self.refused:
            raise not_supported(path, self.refused[raw])
        if isinstance(raw, str) and raw in self.values:
            return raw
        raise invalid(f"Invalid {path}: must be {_one_of(self.values)}", path)


class Int(Param):
    """An integer, `minimum`..`maximum` inclusive where given."""

    def __init__(
        self,
        *,
        required: bool = False,
        clearable: bool = False,
        minimum: int | None = None,
        maximum: int | None = None,
    ) -> None:
        super().__init__(required=required, clearable=clearable)
        self.minimum = minimum
        self.maximum = maximum

    def convert(self, raw: Any, path: str) -> int:
        """As `Param.convert`."""
        value = integer(raw)
        if value is None:
            raise invalid(f"Invalid integer: {raw}", path, "parameter_invalid_integer")
        if self.minimum == 0 and value < 0:
            raise invalid("Invalid non-negative integer", path, "parameter_invalid_integer")
        if self.minimum is not None and value < self.minimum:
            message = f"This value must be greater than or equal to {self.minimum}."
            raise invalid(message, path, "parameter_invalid_integer")
        if self.maximum is not None and value > self.maximum:
            raise invalid(f"This value must be less than or equal to {self.maximum}.", path, "parameter_invalid_integer")
        return value


class Timestamp(Int):
    """Unix seconds."""

    def convert(self, raw: Any, path: str) -> int:
        """As `Param.convert`."""
        value = integer(raw)
        if value is None or not 0 <= value <= LATEST:
            raise invalid(f"Invalid timestamp: {raw}; must be an integer Unix timestamp in seconds", path)
        return value


class Dec(Param):
    """A decimal with at most `places` decimals, not negative when `minimum` is 0."""

    def __init__(
        self,
        *,
        required: bool = False,
        clearable: bool = False,
        places: int = 12,
        minimum: int | None = None,
        maximum: int | None = None,
    ) -> None:
        super().__init__(required=required, clearable=clearable)
        self.places = places
        self.minimum = minimum
        self.maximum = maximum

    def convert(self, raw: Any, path: str) -> Decimal:
        """As `Param.convert`."""
        text = str(raw)
        match = _DECIMAL.match(text)
        if isinstance(raw, bool) or match is None:
            raise invalid(f"Invalid decimal: {raw}", path)
        value = Decimal(text)
        if len((match[1] or match[2] or "").rstrip("0")) > self.places:
            raise invalid(f"Invalid decimal: {raw}; must contain at maximum {self.places} decimal places", path)
        if self.minimum is not None and value < self.minimum:
            raise invalid(f"Invalid decimal: {raw}; must be at least {self.minimum}", path)
        if self.maximum is not None and value > self.maximum:
            raise invalid(f"Invalid decimal: {raw}; must be at most {self.maximum}", path)
        return value


class Number(Dec):
    """A number that is not money, such as a length or a percentage; the value is an int or a float."""

    def convert(self, raw: Any, path: str) -> Any:
        """As `Param.convert`."""
        value = super().convert(raw, path)
        return int(value) if value == value.to_integral_value() else float(value)


class Bool(Param):
    """`true` or `false`."""

    def convert(self, raw: Any, path: str) -> bool:
        """As `Param.convert`."""
        if raw in (True, "true", "True", "1"):
            return True
        if raw in (False, "false", "False", "0"):
            return False
        raise invalid(f"Invalid boolean: {raw}", path)


class Off(Bool):
    """A switch of what is not emulated, because of `reason`: it can be off."""

    def __init__(self, reason: str, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.reason = reason

    def convert(self, raw: Any, path: str) -> bool:
        """As `Param.convert`."""
        if super().convert(raw, path):
            raise not_supported(path, self.reason)
        return False


class OneOf(Param):
    """A value that may have several forms, such as the word `now` or a timestamp; the first that fits is taken."""

    def __init__(self, *forms: Param, required: bool = False, clearable: bool = False) -> None:
        super().__init__(required=required, clearable=clearable)
        self.forms = forms

    def convert(self, raw: Any, path: str) -> Any:
        """As `Param.convert`."""
        error: StripeError | None = None
        for form in self.forms:
            try:
                return form.convert(raw, path)
            except StripeError as refused:
                error = refused
        assert error is not None
        raise error


class Obj(Param):
    """A hash with declared parameters."""

    def __init__(self, fields: Mapping[str, Param], *, required: bool = False, clearable: bool = False) -> None:
        super().__init__(required=required, clearable=clearable)
        self.fields = dict(fields)

    def convert(self, raw: Any, path: str) -> dict[str, Any]:
        """As `Param.convert`."""
        if not isinstance(raw, dict):
            raise invalid("Invalid object", path)
        unknown = [_join(path, name) for name in raw if name not in self.fields]
        if unknown:
            raise unknown_params(unknown)
        values = {}
        for name, field in self.fields.items():
            here = _join(path, name)
            if name in raw:
                values[name] = field.parse(raw[name], here)
            elif field.required:
                raise missing_param(here)
        return values


class Params(Obj):
    """The parameters of an operation: a hash at the top."""

    def __init__(self, fields: Mapping[str, Param] | None = None, /, **more: Param) -> None:
        super().__init__({**(fields or {}), **more})


class ListOf(Param):
    """A list of at most `max_items` elements. `items[0]`, `items[]` and repeated names are all lists."""

    def __init__(self, element: Param, *, required: bool = False, clearable: bool = False, max_items: int | None = None) -> None:
        super().__init__(required=required, clearable=clearable)
        self.element = element
        self.max_items = max_items

    def convert(self, raw: Any, path: str) -> list[Any]:
        """As `Param.convert`."""
        if isinstance(raw, dict) and raw and all(map(_INDEX.match, raw)):
            raw = [raw[key] for key in sorted(raw, key=int)]
        if not isinstance(raw, list):
            raise invalid("Invalid array", path)
        if self.max_items is not None and len(raw) > self.max_items:
            raise invalid(f"Array {path} exceeded maximum {self.max_items} allowed elements.", path)
        for index, value in enumerate(raw):
            if value == "" or value is None:  # an element that could be unset would not be one
                raise empty_param(f"{path}[{index}]")
        return [self.element.parse(value, f"{path}[{index}]") for index, value in enumerate(raw)]


class MapOf(Param):
    """A hash with free keys and values of one kind."""

    def __init__(self, value: Param, *, required: bool = False, clearable: bool = False) -> None:
        super().__init__(required=required, clearable=clearable)
        self.value = value

    def convert(self, raw: Any, path: str) -> dict[str, Any]:
        """As `Param.convert`."""
        if not isinstance(raw, dict):
            raise invalid("Invalid object", path)
        return {key: self.value.parse(value, _join(path, key)) for key, value in raw.items()}


MOST_METADATA_KEYS = 50


def check_metadata(metadata: Mapping[str, Any]) -> None:
    """Raise StripeError for more keys than an object may have; those without a value are none."""
    keys = sum(value is not None for value in metadata.values())
    if keys > MOST_METADATA_KEYS:
        raise invalid(f"Metadata can have up to {MOST_METADATA_KEYS} keys, but you've set {keys}", "metadata")


class Metadata(MapOf):
    """Stripe's metadata: at most 50 keys of at most 40 characters, values of at most 500.

    A value of None unsets the key. https://docs.stripe.com/api/metadata
    """

    def __init__(self, *, clearable: bool = True) -> None:
        super().__init__(Str(500, clearable=True), clearable=clearable)

    def convert(self, raw: Any, path: str) -> dict[str, Any]:
        """As `Param.convert`."""
        if not isinstance(raw, dict):
            raise invalid("Invalid object", path)
        for key in raw:
            if len(key) > 40:
                raise invalid(
                    f"Metadata keys can be at most 40 characters long. You passed in a key with {len(key)} characters: {key}",
                    path,
                )
        values = {}
        for key, value in raw.items():
            if not isinstance(value, str | None):
                raise invalid("Invalid string: metadata values must be strings", f"{path}[{key}]")
            if value is not None and len(value) > 500:
                raise invalid(
                    f"Metadata values can be at most 500 characters, but you passed in a value of {len(value)} "
                    f"characters. Invalid value: {value[:20]}...",
                    f"{path}[{key}]",
                )
            values[key] = value or None
        check_metadata(values)
        return values


class Refused(Param):
    """A parameter that Stripe has and this emulator refuses by name, because of `reason`.

    To clear what is `clearable` is no request for it, as it is always empty here.
    """

    def __init__(self, reason: str, *, clearable: bool = False) -> None:
        super().__init__(clearable=clearable)
        self.reason = reason

    def parse(self, raw: Any, path: str) -> Any:
        """None for what is cleared. Raises StripeError, whatever else was sent."""
        if self.clearable and raw == "":
            return None
        raise not_supported(path, self.reason)


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _one_of(values: tuple[str, ...]) -> str:
    if len(values) == 1:
        return values[0]
    return f"one of {', '.join(values[:-1])}, or {values[-1]}"
