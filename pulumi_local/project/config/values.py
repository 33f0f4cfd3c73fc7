"""Configuration values as a settings file holds them, and as a program gets them.

In a file a value is a scalar, a list, a map, or `{secure: <ciphertext>}` at any depth. A program gets texts: objects as JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pulumi_local import gojson
from pulumi_local.errors import EngineError
from pulumi_local.project.config.keys import PathPart

Raw = Any
"""A value as the file has it."""

Decrypt = Callable[[str], str]

_RESERVED = '"secure" key in maps of length 1 are reserved'


def is_secure(value: Raw) -> bool:
    """Whether the value itself is a ciphertext."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("secure"), str)


def has_secret(value: Raw) -> bool:
    """Whether there is a ciphertext in it."""
    if is_secure(value):
        return True
    if isinstance(value, dict):
        return any(map(has_secret, value.values()))
    return isinstance(value, list) and any(map(has_secret, value))


def is_object(value: Raw) -> bool:
    """Whether it is a list or a map."""
    return isinstance(value, (list, dict)) and not is_secure(value)


def opened(value: Raw, decrypt: Decrypt) -> Any:
    """The value with its ciphertexts replaced by what `decrypt` makes of them."""
    if is_secure(value):
        return decrypt(value["secure"])
    if isinstance(value, dict):
        return {str(k): opened(v, decrypt) for k, v in value.items()}
    if isinstance(value, list):
        return [opened(v, decrypt) for v in value]
    return value


def text(value: Raw, decrypt: Decrypt) -> str:
    """What a program gets: a text as it is, nothing as "", everything else as JSON."""
    plain = opened(value, decrypt)
    if plain is None:
        return ""
    return plain if isinstance(plain, str) else gojson.dumps(plain, sort_keys=True, html=True)


def coerced(text_value: str) -> Raw:
    """What a text becomes inside an object: true, false and integers (not those with leading zeros) are typed."""
    if text_value in ("true", "false"):
        return text_value == "true"
    if len(text_value) > 1 and text_value[0] == "0":
        return text_value
    digits = text_value[1:] if text_value[:1] in ("-", "+") else text_value
    return int(text_value) if digits.isascii() and digits.isdigit() and len(digits) < 20 else text_value


def get_path(value: Raw, path: list[PathPart]) -> tuple[Raw, bool]:
    """The value below `path`, and whether there is one."""
    for part in path:
        if isinstance(value, list):
            there = isinstance(part, int) and part < len(value)
        else:
            there = isinstance(value, dict) and not is_secure(value) and part in value
        if not there:
            return None, False
        value = value[part]
    return value, True


def new_container(part: PathPart) -> Raw:
    """An empty list or map that `part` can be set in."""
    return [] if isinstance(part, int) else {}


def set_path(container: Raw, path: list[PathPart], new: Raw, shown: str) -> None:
    """Sets the value below `path` in place, making lists and maps on the way."""
    part = path[0]
    if isinstance(container, list):
        if not isinstance(part, int):
            raise EngineError(f"could not set config: {shown}: key for an array must be an int")
        if part > len(container):
            raise EngineError(f"could not set config: {shown}: array index out of range")
        if part == len(container):
            container.append(None)
    else:
        if not isinstance(part, str):
            raise EngineError(f"could not set config: {shown}: key for a map must be a string")
        if len(path) == 1 and part == "secure" and not container and isinstance(new, str):
            raise EngineError(f"could not set config: {shown}: {_RESERVED}")
        container.setdefault(part, None)
    if len(path) == 1:
        container[part] = new
        return
    if container[part] is None:
        container[part] = new_container(path[1])
    elif not is_object(container[part]):
        kind = "an array" if isinstance(path[1], int) else "a map"
        raise EngineError(f"could not set config: {shown}: expected {kind}")
    set_path(container[part], path[1:], new, shown)


def remove_path(value: Raw, path: list[PathPart]) -> None:
    """Removes the value below `path` in place, if there is one."""
    holder, found = get_path(value, path[:-1])
    if not found or not get_path(holder, path[-1:])[1]:
        return
    del holder[path[-1]]
