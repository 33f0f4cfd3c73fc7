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

from .errors import ConfigurationError
from .reading import text
from .settings import Settings, load

_NAME = re.compile(r"[A-Za-z0-9_.-]+")
"""What Pulumi accepts as the name of a project or a stack."""


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

    Raises `ConfigurationError` where one of them cannot be found, or a file is not YAML.
    """
    stack = (stack or environment.get("PULUMI_STACK") or "").rpartition("/")[2]
    if not _NAME.fullmatch(stack):
        raise ConfigurationError(f"which stack is it for{_no(stack)}? Give --stack, or set PULUMI_STACK")
    file = next((p for f in (folder, *folder.parents) for p in (f / "Pulumi.yaml", f / "Pulumi.yml") if p.exists()), None)
    name = project or (_read(file).get("name") if file else None)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        why = f", since the name in {file} is not one" if file and not project else _no(name)
        raise ConfigurationError(f"which project is it for{why}? Give --project, or run this in the project's folder")
    settings = file.with_name(f"Pulumi.{stack}{file.suffix}") if file else None
    config = (_read(settings).get("config") or {}) if settings else {}
    if not isinstance(config, dict):
        raise ConfigurationError(f"{settings}: config is not keys and values, such as stripe:livemode: false")
    return Stack(name, stack, {str(k): _text(v) for k, v in config.items() if not isinstance(v, (Mapping, list))})


def _no(name: object) -> str:
    return f", since {str(name)[:100]!r} is not a name" if name else ""


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(text(str(path))) if path.exists() else {}
    except RecursionError:
        raise ConfigurationError(f"{path}: it is nested too deep") from None
    except (ValueError, yaml.YAMLError) as e:
        raise ConfigurationError(f"{path}: {' '.join(str(e).split())}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path}: expected keys and values, such as name: shop")
    return content


def _text(value: object) -> str:
    """Pulumi gives configuration to programs as text."""
    try:
        return str(value).lower() if isinstance(value, bool) else str(value)
    except ValueError:  # an integer of thousands of digits
        return "a number beyond all bounds"
