"""Readers of files that somebody else writes: what each takes, and how it refuses. Packages have theirs in their tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stripe_client import project as client_project
from stripe_client.errors import ConfigurationError
from stripe_resources.orphans import asking
from stripe_resources.orphans.state import held

URN = "urn:pulumi:dev::shop::pulumi-python:dynamic/stripe:Price::tokens"
PRICE = {"lookup_key": "tokens", "unit_amount": 5, "currency": "usd", "recurring": {"interval": "month", "meter": "mtr_1"}}
RESOURCE = {
    "urn": URN,
    "type": "pulumi-python:dynamic/stripe:Price",
    "custom": True,
    "id": "price_1",
    "inputs": PRICE,
    "outputs": {**PRICE, "__owner": "shop/dev/Price/tokens"},
    "parent": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev",
    "dependencies": [],
    "propertyDependencies": {"lookup_key": []},
}
STACK = {
    "urn": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev",
    "type": "pulumi:pulumi:Stack",
    "custom": False,
    "outputs": {"meter_id": "mtr_1"},
}
DEPLOYMENT = {
    "manifest": {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""},
    "secrets_providers": {"type": "passphrase", "state": {"salt": "v1:AAAAAAAAAAA=:v1:AAAAAAAAAAAAAAAA:AAAA"}},
    "resources": [STACK, RESOURCE],
    "pending_operations": [{"type": "creating", "resource": RESOURCE}],
    "metadata": {},
}
EXPORT = {"version": 3, "deployment": DEPLOYMENT}
CHECKPOINT = {"version": 3, "checkpoint": {"stack": "organization/shop/dev", "latest": DEPLOYMENT}}

PROJECT = {
    "name": "shop",
    "runtime": {"name": "python", "options": {"virtualenv": "venv", "toolchain": "pip", "typechecker": "mypy"}},
    "main": ".",
    "description": "A shop",
    "backend": {"url": "file://~"},
    "options": {"refresh": "always"},
    "requiredPulumiVersion": ">=3",
    "stackConfigDir": ".",
    "config": {"shop:size": {"type": "array", "items": {"type": "string"}, "default": ["s"], "secret": False}, "shop:open": True},
}
SETTINGS = {
    "encryptionsalt": "v1:abc",
    "secretsprovider": "passphrase",
    "config": {"shop:size": "4", "stripe:apiKey": {"secure": "v1:x:y"}, "shop:list": [1, {"a": ["b"]}]},
}
LEVELS = {"all": "advisory", "price-increases-are-capped": {"enforcementLevel": "mandatory", "exempt": ["a"]}}


@dataclass(frozen=True)
class Reader:
    """A reader. `good` is what it takes, as text or as what JSON or YAML says; `read` reads the file; `refuses` are the errors
    whose message is what a user sees."""

    name: str
    file: str
    kind: str
    good: Any
    read: Callable[[Path], object]
    refuses: tuple[type[BaseException], ...]
    names: str | None = None
    """What a message calls the file, where that is not its name."""
    prepared: dict[str, str] = field(default_factory=dict)
    """Files that are there beside it."""

    def written(self, document: Any) -> bytes:
        """The document as the reader finds it."""
        if isinstance(document, bytes):
            return document
        lines = document if self.kind == "lines" and isinstance(document, list) else [document]
        return "".join(json.dumps(line) + "\n" for line in lines).encode()


READERS: list[Reader] = []


def reader(
    name: str, file: str, kind: str, good: Any, *refuses: type[BaseException], **more: Any
) -> Callable[[Callable[[Path], object]], Callable[[Path], object]]:
    def add(read: Callable[[Path], object]) -> Callable[[Path], object]:
        READERS.append(Reader(name, file, kind, good, read, refuses, **more))
        return read

    return add


# -- what commands read of a project and its engine


@reader(
    "settings of a stack, for commands",
    "Pulumi.dev.yaml",
    "yaml",
    SETTINGS,
    ConfigurationError,
    prepared={"Pulumi.yaml": "name: shop\n"},
)
def _(path: Path) -> object:
    return client_project.stack_of(path.parent, None, "dev", {}).settings({})


@reader(
    "project file, for commands",
    "Pulumi.yaml",
    "yaml",
    PROJECT,
    ConfigurationError,
    names="Pulumi.",
    prepared={"Pulumi.dev.yaml": "config: {}\n"},
)
def _(path: Path) -> object:
    return client_project.stack_of(path.parent, None, "dev", {}).settings({})


@reader("state, for orphans", "export.json", "json", EXPORT, ConfigurationError)
def _(path: Path) -> object:
    found = held(asking.read(str(path)), asking.source_of(str(path)))
    return [(each.owner, each.key, each.label) for each in found]
