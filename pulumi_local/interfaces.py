"""What the engine asks of its surroundings, and what it tells them.

The engine (`pulumi_local.engine`) plans and carries out steps. Everything else is handed to it: where state is kept,
how secrets are encrypted, which policies judge, who listens to its events.
"""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

Json = Any
"""A value as `json.loads` gives it."""

Event = dict[str, Json]
"""One engine event in the shape of a line of `pulumi up --json` (apitype.EngineEvent): `sequence`, `timestamp` and one of
`preludeEvent`, `stdoutEvent`, `diagnosticEvent`, `resourcePreEvent`, `resOutputsEvent`, `resOpFailedEvent`, `policyEvent`,
`policyRemediationEvent`, `progressEvent`, `summaryEvent`, `cancelEvent`, `errorEvent`. Secrets in it are already masked.
Texts carry no colour markup. Diagnostics of severity "debug" are for `--json` only. A run that gets so far as to start ends
with a `summaryEvent`; every run ends with a `cancelEvent`."""

Emit = Callable[[Event], None]

ORGANIZATION = "organization"
"""The only organization of a file backend."""

VERSION, VERSIONS = 3, (3, 4)
"""The version of Pulumi's deployment format that is written, and those that are read."""

Deployment = dict[str, Json]
"""The `deployment` object of that format: `manifest`, `secrets_providers`, `resources`,
`pending_operations`, `metadata`. Secrets are ciphertexts. Those that the engine saves hold `Rendered` resources."""


class Rendered(dict[str, Json]):
    """A resource of a deployment with its JSON at hand (UTF-8), so that saving a large state after each step stays cheap.

    Not to be changed: the JSON would not follow."""

    __slots__ = ("encoded",)

    def __init__(self, value: Mapping[str, Json]) -> None:
        super().__init__(value)
        self.encoded = encoded(value)


def encoded(value: Json) -> bytes:
    """A value as compact JSON (UTF-8)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def deployment_json(deployment: Deployment) -> bytes:
    """A deployment as JSON (UTF-8); `Rendered` resources are not encoded again."""
    parts: list[bytes] = []
    for key, value in deployment.items():
        parts.append(b"%s%s:" % (b"," if parts else b"{", encoded(key)))
        if key == "resources" and value:
            resources = b",".join([r.encoded if isinstance(r, Rendered) else encoded(r) for r in value])
            parts += (b"[", resources, b"]")
        else:
            parts.append(encoded(value))
    return b"".join(parts) + b"}" if parts else b"{}"


def manifest(time: str) -> dict[str, Json]:
    """The head of a deployment or a plan."""
    return {"time": time, "magic": "", "version": ""}


PlanDocument = dict[str, Json]
"""An update plan as Pulumi writes it (apitype.DeploymentPlanV1): `manifest`, `config`, `resourcePlans`. Secrets are
ciphertexts."""

Operation = Literal["update", "refresh", "destroy", "import"]


class SecretsManager(Protocol):
    """Encrypts what is secret in state and configuration."""

    @property
    def type(self) -> str:
        """The name of the secrets provider, for instance "passphrase"."""

    @property
    def state(self) -> Json:
        """What a deployment records about it, for instance {"salt": ...}."""

    def encrypt(self, plaintext: str) -> str:
        """A ciphertext of `plaintext`, different each time."""

    def decrypt(self, ciphertext: str) -> str:
        """The plaintext; raises `pulumi_local.errors.EngineError` where the key is not the right one."""


class StateStore(Protocol):
    """Where one stack's state is kept. The caller holds the stack's lock."""

    def load(self) -> Deployment | None:
        """The last saved deployment, or None for a stack that has none."""

    def save(self, deployment: Deployment) -> None:
        """Replaces the saved deployment: atomically, and so that it survives kill -9 at any moment."""

    def note(self, changes: bytes) -> None:
        """Adds lines (see `pulumi_local.changelog`) to what was saved last; `load` reads them too. As durable as `save`."""


@dataclass(frozen=True)
class ConfigValue:
    """One configuration value; objects are JSON texts. `secret` values are plaintext here."""

    value: str
    secret: bool = False


@dataclass(frozen=True)
class Interpreter:
    """An interpreter of Python, and the virtual environment that is activated for what it runs; None leaves all as it is."""

    command: str
    virtualenv: Path | None = None


@dataclass(frozen=True)
class Project:
    """What `Pulumi.yaml` says, as far as the engine needs it."""

    name: str
    root: Path
    """The folder of `Pulumi.yaml`."""
    program: Path
    """The folder that holds `__main__.py` (`main:`, by default the root)."""
    python: Interpreter
    """The interpreter that has the SDK (see `pulumi_local.project.toolchain`)."""
    typechecker: str = ""
    """The module that checks the program's types before it runs: mypy, pyright, or none."""


@dataclass(frozen=True)
class Violation:
    """One policy violation."""

    policy: str
    pack: str
    version: str
    message: str
    enforcement: Literal["advisory", "mandatory", "remediate", "disabled"]
    severity: str = ""
    urn: str = ""


@dataclass(frozen=True)
class AnalyzedResource:
    """A resource as policies see it; `properties` in wire form (secrets wrapped under the secret signature, unknowns as the
    unknown string, internal keys left out)."""

    urn: str
    type: str
    name: str
    properties: Mapping[str, Json]
    options: Mapping[str, Json] = field(default_factory=dict)
    """protect, ignoreChanges, deleteBeforeReplace, additionalSecretOutputs, aliases, customTimeouts, parent."""
    provider: AnalyzedResource | None = None
    parent: str = ""
    dependencies: Sequence[str] = ()
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Analyzer(Protocol):
    """One policy pack at work (the pack's own process, over Pulumi's analyzer protocol)."""

    def remediate(self, resource: AnalyzedResource) -> tuple[Mapping[str, Json], Sequence[Violation]]:
        """The properties after remediation, and what was remediated."""

    def analyze(self, resource: AnalyzedResource) -> Sequence[Violation]:
        """Violations of one resource's checked inputs."""

    def analyze_stack(self, resources: Sequence[AnalyzedResource]) -> Sequence[Violation]:
        """Violations of the whole stack, after all steps; properties are outputs."""


@dataclass(frozen=True)
class Import:
    """An existing object to take into the state, or (of a provider's type) a provider instance to create for others."""

    type: str
    name: str
    id: str = ""
    """Empty for components and providers."""
    parent: str = ""
    """A URN; empty for the stack."""
    provider: str = ""
    """The URN of an explicit provider; empty for the default one."""
    component: bool = False
    protect: bool = True
    inputs: Mapping[str, Json] | None = None
    """As a deployment has them; secrets as ciphertexts or plaintexts."""
    outputs: Mapping[str, Json] | None = None


@dataclass(frozen=True)
class Options:
    """One run of the engine."""

    operation: Operation
    preview: bool
    """True: nothing is created, updated or deleted, and nothing is saved."""
    parallel: int = 16
    targets: Sequence[str] = ()
    target_dependents: bool = False
    excludes: Sequence[str] = ()
    exclude_dependents: bool = False
    replaces: Sequence[str] = ()
    refresh: bool = False
    """Refresh first (`--refresh`); for the operations update and destroy."""
    run_program: bool = False
    continue_on_error: bool = False
    imports: Sequence[Import] = ()
    """What the operation "import" imports."""
    plan: PlanDocument | None = None
    """What an update may do at most."""
    make_plan: bool = False
    """Ask for `Result.plan`."""


@dataclass(frozen=True)
class Result:
    """How a run ended."""

    ok: bool
    changes: Mapping[str, int]
    """Resources by operation, as in summaryEvent.resourceChanges."""
    cancelled: bool = False
    bailed: str = ""
    """An error that ended the run outside any step, as one readable text; empty if diagnostics said everything."""
    plan: PlanDocument | None = None
    """What the run would do, or did; without `config`. Only if it was asked for, and the run ended well."""


@dataclass
class Cancellation:
    """Asked for by the first interrupt (no new steps) and by the second (leave at once)."""

    stop: threading.Event = field(default_factory=threading.Event)
    terminate: threading.Event = field(default_factory=threading.Event)


SECRET_SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
"""A map whose SECRET_SIGNATURE_KEY is SECRET_SIGNATURE is a secret: in events with the ciphertext "[secret]", in state with a
ciphertext or (exported for people) a plaintext."""
FLOAT_SIGNATURE = "8ad145fe-0d11-4827-bfd7-1abcbf086f5c"
"""The same key with this stands for a number that JSON does not have (NaN, inf, -inf); `value` has its bits, in hexadecimal."""
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""An unknown string, and the form of any unknown value in events."""
MASK = "[secret]"
"""What people see in place of a secret."""


def signed_float(value: float) -> Json:
    """What stands for a number that JSON does not have."""
    return {SECRET_SIGNATURE_KEY: FLOAT_SIGNATURE, "value": struct.pack(">d", value).hex()}


def unsigned_float(value: Json) -> float | None:
    """The number that such an object stands for; None for any other value. Raises ValueError for a damaged one."""
    if not isinstance(value, dict) or value.get(SECRET_SIGNATURE_KEY) != FLOAT_SIGNATURE:
        return None
    try:
        return float(struct.unpack(">d", bytes.fromhex(value["value"]))[0])
    except (KeyError, TypeError, struct.error) as e:
        raise ValueError(f"malformed float value: {value!r}") from e


def is_secret(value: Json) -> bool:
    """Whether a value is one wrapped secret."""
    return isinstance(value, dict) and value.get(SECRET_SIGNATURE_KEY) == SECRET_SIGNATURE
