"""Every reader of a file that somebody else writes: what it takes, how it is called, and how it refuses."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pulumi_local.errors import EngineError
from pulumi_local.policy import config as policy_config
from pulumi_local.policy.pack import _Manifest
from pulumi_local.project import file as project_file
from pulumi_local.project.config import values
from pulumi_local.project.config.keys import Key
from pulumi_local.project.config.settings import StackSettings
from pulumi_local.run import plan_file
from pulumi_local.state import document as state_document
from pulumi_local.state import import_file, secrets
from pulumi_local.state.backend import FileBackend, StackReference
from stripe_client import project as client_project
from stripe_client.errors import ConfigurationError
from stripe_impact import command as impact_command
from stripe_impact.computing.impact import impact
from stripe_impact.errors import ImpactError
from stripe_impact.reading import preview as previews
from stripe_impact.reading import usage_file
from stripe_impact.reading.changes import changes
from stripe_project.adding import project as adding
from stripe_project.ci import commands as ci_commands
from stripe_project.ci import report
from stripe_resources.orphans import asking
from stripe_resources.orphans.state import held
from stripe_sources import source as sources
from stripe_sources.errors import Unreadable
from stripe_usage.commands.generate import _customers
from stripe_usage.errors import UsageError
from stripe_usage.naming import stack as usage_stack
from stripe_usage.naming import target as usage_target

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


# -- the local engine

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


@reader("project file", "Pulumi.yaml", "yaml", PROJECT, EngineError)
def _(path: Path) -> object:
    found = project_file.read(path)
    return found.program, found.settings_path("dev"), found.settings("dev")


SETTINGS = {
    "encryptionsalt": "v1:abc",
    "secretsprovider": "passphrase",
    "config": {"shop:size": "4", "stripe:apiKey": {"secure": "v1:x:y"}, "shop:list": [1, {"a": ["b"]}]},
}


@reader("settings of a stack", "Pulumi.dev.yaml", "yaml", SETTINGS, EngineError)
def _(path: Path) -> object:
    found = StackSettings(path, "shop")
    found.refuse_unsupported()
    return [values.text(value, str) for value in found.config.values()]


@reader("settings of a stack, changed", "Pulumi.dev.yaml", "yaml", SETTINGS, EngineError)
def _(path: Path) -> object:
    found = StackSettings(path, "shop")
    before = path.read_bytes()
    try:
        found.set(Key("shop", "more"), "1", path=False)
        found.set_salt("v1:def")
        found.remove(Key("shop", "more"), path=False)
    finally:
        path.write_bytes(before)
    return found.config


LEVELS = {"all": "advisory", "price-increases-are-capped": {"enforcementLevel": "mandatory", "exempt": ["a"]}}


@reader("policy configuration", "levels.json", "json", LEVELS, EngineError)
def _(path: Path) -> object:
    declared = [
        policy_config.Declared("price-increases-are-capped", "mandatory", {"exempt": {"type": "array", "default": []}}, [])
    ]
    return policy_config.problems(declared, policy_config.reconciled(declared, {}, policy_config.read(path)))


GOAL = {
    "type": "pulumi-python:dynamic/stripe:Price",
    "name": "tokens",
    "custom": True,
    "protect": False,
    "inputDiff": {"adds": {"a": 1}, "deletes": ["b"], "updates": {"c": 2}},
    "outputDiff": {},
    "structuredAliases": [{"URN": "", "Name": "x", "Type": "", "Project": "", "Stack": "", "Parent": "", "NoParent": False}],
    "dependencies": [],
    "propertyDependencies": {"a": []},
    "customTimeouts": {},
}
PLAN = {
    "manifest": {"time": "2026-01-01T00:00:00Z"},
    "config": {"shop:size": "4"},
    "resourcePlans": {URN: {"goal": GOAL, "steps": ["create"], "state": {}}},
}


@reader("plan", "plan.json", "json", PLAN, EngineError, names="plan")
def _(path: Path) -> object:
    from pulumi_local.engine import plan_documents
    from pulumi_local.engine.state import StateCodec

    class Plain:
        type, state = "", None

        def encrypt(self, plaintext: str) -> str:
            return plaintext

        def decrypt(self, ciphertext: str) -> str:
            return ciphertext

    return plan_documents.read(plan_file.read(path), StateCodec(Plain()))


BACKEND = {"state/.pulumi/meta.yaml": "version: 1\n"}


@reader("state", "state/.pulumi/stacks/shop/dev.json", "json", CHECKPOINT, EngineError, prepared=BACKEND)
def _(path: Path) -> object:
    return FileBackend(f"file://{path.parents[3]}").load(StackReference("shop", "dev"))


LOG = [
    {"after": "2026-01-01T00:00:00Z", "resources": [0, 1], "new": 0, "pending": [2]},
    {"put": 1, "resource": RESOURCE},
    {"begin": 3, "operation": {"type": "creating", "resource": RESOURCE}},
    {"end": 3},
    {"drop": 1},
]


@reader(
    "log of a state",
    "state/.pulumi/stacks/shop/dev.json.log",
    "lines",
    LOG,
    EngineError,
    prepared={**BACKEND, "state/.pulumi/stacks/shop/dev.json": json.dumps(CHECKPOINT)},
)
def _(path: Path) -> object:
    return FileBackend(f"file://{path.parents[3]}").load(StackReference("shop", "dev"))


@reader("marks of the backend", "state/.pulumi/meta.yaml", "yaml", b"version: 1\n", EngineError)
def _(path: Path) -> object:
    return FileBackend(f"file://{path.parents[1]}").stacks()


@reader(
    "lock of a stack",
    "state/.pulumi/locks/organization/shop/dev/x.json",
    "json",
    {"pid": 1, "username": "a", "hostname": "b", "timestamp": "2026-01-01T00:00:00.123Z"},
    EngineError,
    prepared=BACKEND,
)
def _(path: Path) -> object:
    lock = FileBackend(f"file://{path.parents[5]}").lock(StackReference("shop", "dev"))
    with pytest.raises(EngineError, match=r"locked by 1 lock\(s\)") as found, lock.held():
        raise AssertionError("it is locked")
    return str(found.value)


IMPORTED = {
    "nameTable": {"parent": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"},
    "resources": [{"type": "pulumi-python:dynamic/stripe:Price", "name": "tokens", "id": "price_1", "parent": "parent"}],
}


@reader("import file", "import.json", "json", IMPORTED, EngineError)
def _(path: Path) -> object:
    return import_file.load(path)


@reader("deployment to import", "export.json", "json", EXPORT, EngineError, names="")
def _(path: Path) -> object:
    from pulumi_local.cli import stacks

    checkpoint, warnings = state_document.checked(stacks._text(path), "dev", force=True)
    return state_document.has_plaintexts(checkpoint.deployment or {}), warnings


@reader("state to analyze", "export.json", "json", EXPORT, EngineError)
def _(path: Path) -> object:
    from pulumi_local.cli import policies

    return policies._of_file(str(path))


@reader(
    "manifest of a policy pack",
    "pack/PulumiPolicy.yaml",
    "yaml",
    {"runtime": {"name": "python", "options": {}}, "version": "1", "main": "."},
    EngineError,
    names="/pack",
)
def _(path: Path) -> object:
    return _Manifest.read(path.parent)


@reader("passphrase", "passphrase.txt", "text", b"correct horse\n", EngineError, names="PULUMI_CONFIG_PASSPHRASE_FILE")
def _(path: Path) -> object:
    return secrets.passphrase_from({"PULUMI_CONFIG_PASSPHRASE_FILE": str(path)})


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
    "project file, for commands", "Pulumi.yaml", "yaml", PROJECT, ConfigurationError, prepared={"Pulumi.dev.yaml": "config: {}\n"}
)
def _(path: Path) -> object:
    return client_project.stack_of(path.parent, None, "dev", {}).settings({})


@reader("state, for orphans", "export.json", "json", EXPORT, ConfigurationError)
def _(path: Path) -> object:
    found = held(asking.read(str(path)), asking.source_of(str(path)))
    return [(each.owner, each.key, each.label) for each in found]


@reader("outputs, for usage", "outputs.json", "json", {"meter_id": "mtr_1", "event_name": "tokens"}, UsageError)
def _(path: Path) -> object:
    return usage_stack.parsed(usage_target._read(str(path)), str(path), usage_stack.METER)


@reader("customers to generate usage of", "ids.txt", "text", b"cus_1\ncus_2\n", UsageError)
def _(path: Path) -> object:
    return _customers(str(path))


# -- the impact on bills

STEP = {"op": "replace", "urn": URN, "oldState": RESOURCE, "newState": {**RESOURCE, "inputs": {**PRICE, "unit_amount": 7}}}
PREVIEW = {
    "config": {"stripe:apiBase": "http://127.0.0.1:9"},
    "steps": [STEP],
    "changeSummary": {"replace": 1},
    "diagnostics": [],
}


def _impact(path: Path) -> object:
    found = previews.read(impact_command._text(str(path)), str(path))
    wanted = changes(found)
    rows = usage_file.rows(io.BytesIO(b"customer,price,value\ncus_1,tokens,5\n"), "usage") if found.steps else []
    made = impact(found, wanted, usage_file.facts(rows, found, wanted, str(path)))
    return impact_command.text(made), impact_command.markdown(made), impact_command.data(made)


reader("preview", "preview.json", "json", PREVIEW, ImpactError)(_impact)

EVENTS = [
    {"sequence": 0, "preludeEvent": {"config": {"a:b": "c"}}},
    {"sequence": 1, "resourcePreEvent": {"metadata": {"op": "replace", "urn": URN, "old": RESOURCE, "new": RESOURCE}}},
    {"sequence": 2, "diagnosticEvent": {"severity": "info", "message": "well"}},
    {"sequence": 3, "summaryEvent": {"result": "succeeded", "isPreview": True}},
]
reader("preview, as events", "preview.json", "lines", EVENTS, ImpactError)(_impact)

USAGE = [{"customer": "cus_1", "price": "tokens", "value": 5}]


@reader("usage of the period", "usage.ndjson", "lines", USAGE, ImpactError)
def _(path: Path) -> object:
    found = previews.read(json.dumps(PREVIEW))
    return impact(found, changes(found), impact_command._from_file(str(path), found, changes(found)))


SOURCE = {
    "name": "requests",
    "window": "hour",
    "rows": {"files": "logs/*.ndjson"},
    "customer": {"column": "tenant", "join": {"files": "tenants.csv", "key": "tenant", "customer": "stripe_customer"}},
    "time": {"column": "at", "zone": "UTC"},
    "duplicates": {"columns": ["request_id"], "within_days": 3},
    "except": {"status": "error"},
    "meters": {"tokens": "a + b * 4", "requests": {"value": "count", "only": {"tier": "batch"}}},
}


@reader("source of usage", "source.yaml", "yaml", SOURCE, Unreadable)
def _(path: Path) -> object:
    return sources.read(path, {})


# -- policies


@reader("levels of an environment", "policy/config/qa.json", "json", LEVELS, ValueError)
def _(path: Path) -> object:
    from stripe_policy import _levels, discover

    return _levels.read(path, discover())


APPROVED = [{"price": "tokens", "from": "1 USD per unit", "to": "2 USD per unit"}]


@reader("approvals of changes", "approvals.json", "json", APPROVED, UnicodeDecodeError, IsADirectoryError, names="")
def _(path: Path) -> object:
    from stripe_policy._approvals import Change, entries
    from stripe_policy._resources import PROVIDER
    from tests.stripe_policy.arguments import in_stack

    stack = in_stack("Price", {"policy:approvedPriceChanges": path.read_text(encoding="utf-8")})
    stack.resource_type = PROVIDER
    return entries(stack), Change("tokens", "a", "b").is_approved(stack)


@reader("state before, for policies", "before.json", "json", EXPORT)
def _(path: Path) -> object:
    from stripe_policy import _past

    _past._read.cache_clear()
    found = _past._read(path, path.name, 0, "dev", "shop")
    assert not found.problem or found.problem.startswith(path.name)
    return found.resources


# -- a project's commands


@reader("file to add billing to", "Pulumi.qa.yaml", "yaml", SETTINGS, SystemExit)
def _(path: Path) -> object:
    return adding.mapping(path, adding.text(path))


@reader("dependencies to add billing to", "pyproject.toml", "toml", b'[project]\nname = "a"\ndependencies = ["b"]\n', SystemExit)
def _(path: Path) -> object:
    return adding.mapping(path, adding.text(path))


RESULT = {"stack": "dev", "changes": {"create": 1}, "deploys": True, "failed": []}


@reader("result of a preview in CI", "dev/result.json", "json", RESULT, ci_commands.Failed, prepared={"dev/preview.txt": "said"})
def _(path: Path) -> object:
    return report.comment("shop", [ci_commands._found(path.parent)])
