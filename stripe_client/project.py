"""A stack of a Pulumi project, from its files: for commands that Pulumi does not start."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pulumi_local.errors import EngineError
from pulumi_local.project.config import schema, values, yaml12
from pulumi_local.project.config.settings import StackSettings
from pulumi_local.project.config.values import Decrypt

from .errors import ConfigurationError
from .reading import text
from .settings import Settings, load

_NAME = re.compile(r"[A-Za-z0-9_.-]+")
"""What Pulumi accepts as the name of a project or a stack."""


@dataclass(frozen=True)
class Value:
    """A value of the configuration."""

    text: str = field(repr=False)
    """As the program gets it; lists and maps are JSON. "" where it is a secret that was not opened."""
    default: bool = False
    """Whether it is the project file's."""
    secret: bool = False
    """Whether anything of it is encrypted."""
    opened: bool = False
    """Whether `text` is what a secret says."""


@dataclass(frozen=True)
class Stack:
    """A stack of a project, and what its settings file says."""

    project: str
    stack: str
    config: Mapping[str, str] = field(default_factory=dict)

    def settings(self, environment: Mapping[str, str]) -> Settings:
        """The settings with which the stack talks to Stripe. A key that is encrypted in the file is not read."""
        return load(self.config.get, environment)


def add_stack(parser: argparse.ArgumentParser) -> None:
    """Adds the options --stack and --project, with the defaults of `stack_of`."""
    parser.add_argument("--stack", help="the stack (default: PULUMI_STACK)")
    parser.add_argument("--project", help="the stack's project (default: the name in the nearest Pulumi.yaml)")


def stack_of(folder: Path, project: str | None, stack: str | None, environment: Mapping[str, str] = os.environ) -> Stack:
    """The project and the stack that were named; by default the project of the nearest Pulumi.yaml, and PULUMI_STACK.

    Raises `ConfigurationError` where one of them cannot be found, or a file cannot be read.
    """
    stack = (stack or environment.get("PULUMI_STACK") or "").rpartition("/")[2]
    if not _NAME.fullmatch(stack):
        raise ConfigurationError(f"which stack is it for{_no(stack)}? Give --stack, or set PULUMI_STACK")
    file = next((p for f in (folder, *folder.parents) for p in (f / "Pulumi.yaml", f / "Pulumi.yml") if p.exists()), None)
    name = project or (read(file).get("name") if file else None)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        why = f", since the name in {file} is not one" if file and not project else _no(name)
        raise ConfigurationError(f"which project is it for{why}? Give --project, or run this in the project's folder")
    found = configured(file, stack, name) if file else {}
    return Stack(name, stack, {key: value.text for key, value in found.items() if not value.secret})


def configured(
    file: Path, stack: str, name: str = "", decrypt: Decrypt | None = None, *, there: bool = False
) -> dict[str, Value]:
    """What an engine gives the program of a project for a stack, by key (`shop:size`): the values of `Pulumi.<stack>.yaml`, over
    the values and defaults of the project file, read by the local engine's own rules.

    `name` is the project's if the file's is not to be taken; `decrypt` opens the stack's secrets, and raises an error where it
    cannot. Raises `ConfigurationError` for a file that an engine refuses, and for a stack without one that has to be `there`.
    """
    document = read(file)
    name = name or str(document.get("name") or "")
    config, folder = document.get("config") or {}, document.get("stackConfigDir") or ""
    if isinstance(config, str):
        config, folder = {}, config
    if not isinstance(config, dict) or not isinstance(folder, str):
        raise ConfigurationError(f"{file}: config is not keys and values, such as size: {{type: integer}}")
    path = file.parent / folder / f"Pulumi.{stack}{file.suffix}"
    if there and not path.exists():
        raise ConfigurationError(f"there is no {path}: {stack} is not configured; give another stack, or write the file")
    try:
        own = StackSettings(path, name).config
        merged = schema.with_defaults(schema.declarations(name, config), own)
    except (EngineError, OSError, ValueError) as e:
        raise ConfigurationError(f"{file}: {e}" if str(file.parent) not in str(e) else str(e)) from None
    return {str(key): _value(raw, key not in own, decrypt) for key, raw in merged.items()}


def _value(raw: Any, default: bool, decrypt: Decrypt | None) -> Value:
    if not values.has_secret(raw):
        return Value(values.text(raw, str), default)
    try:
        return Value(values.text(raw, decrypt), default, True, True) if decrypt else Value("", default, True)
    except Exception:  # another passphrase, another secrets provider
        return Value("", default, True)


def _no(name: object) -> str:
    return f", since {str(name)[:100]!r} is not a name" if name else ""


def read(path: Path) -> dict[str, Any]:
    """What a project file says, or a stack's. Raises `ConfigurationError`."""
    try:
        content = yaml12.load(text(str(path)))
    except (ValueError, yaml.YAMLError) as e:
        raise ConfigurationError(f"{path}: {' '.join(str(e).split())}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path}: expected keys and values, such as name: shop")
    return content
