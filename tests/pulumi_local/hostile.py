"""What the local engine reads of files that somebody else writes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from unittest import mock

import pytest

from pulumi_local.errors import EngineError
from pulumi_local.policy import config as policy_config
from pulumi_local.policy.pack import _Manifest
from pulumi_local.project import file as project_file
from pulumi_local.project.config import values
from pulumi_local.project.config.keys import Key
from pulumi_local.project.config.settings import StackSettings
from pulumi_local.project.workspace import Workspace
from pulumi_local.run import plan_file
from pulumi_local.state import document as state_document
from pulumi_local.state import import_file, secrets
from pulumi_local.state.backend import FileBackend, StackReference
from tests.hostile.readers import CHECKPOINT, EXPORT, LEVELS, PROJECT, RESOURCE, SETTINGS, URN, reader


@reader("project file", "Pulumi.yaml", "yaml", PROJECT, EngineError)
def _(path: Path) -> object:
    found = project_file.read(path)
    return found.program, found.settings_path("dev"), found.settings("dev")


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


DAMAGED = {**BACKEND, "state/.pulumi/stacks/shop/dev.json": "{"}


@reader("last copy of a damaged state", "state/.pulumi/stacks/shop/dev.json.bak", "json", CHECKPOINT, names="", prepared=DAMAGED)
def _(path: Path) -> object:
    with pytest.raises(EngineError, match=r"(Its last good copy is|There is no good copy)") as found:
        FileBackend(f"file://{path.parents[3]}").load(StackReference("shop", "dev"))
    return str(found.value)


@reader(
    "state beside the log of a process that was killed",
    "state/.pulumi/stacks/shop/dev.json",
    "json",
    CHECKPOINT,
    prepared={**BACKEND, "state/.pulumi/stacks/shop/dev.json.log": "".join(json.dumps(line) + "\n" for line in LOG)},
)
def _(path: Path) -> object:
    beside = path.with_name("dev.json.log")
    state, log = path.read_bytes() if path.is_file() else b"", beside.read_bytes()
    FileBackend(f"file://{path.parents[3]}").settle(StackReference("shop", "dev"))
    if path.is_file():
        path.write_bytes(state)
    beside.write_bytes(log)
    return log


@reader(
    "selected stack",
    f"home/workspaces/shop-{'0' * 40}-workspace.json",
    "json",
    {"stacks": {"file://state": "organization/shop/dev"}},
    prepared={"Pulumi.yaml": "name: shop\nruntime: python\n", **BACKEND},
)
def _(path: Path) -> object:
    folder = path.parents[2]
    with mock.patch.dict(os.environ, {"PULUMI_HOME": str(folder / "home"), "PULUMI_BACKEND_URL": f"file://{folder}/state"}):
        workspace = Workspace(folder)
        own = path.rename(workspace._selection)
        found = workspace.selected()
        if own.is_file():
            before = own.read_bytes()
            workspace.select(StackReference("shop", "dev"))
            assert workspace.selected() == "organization/shop/dev"
            own.write_bytes(before)
        own.rename(path)
    return found


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
