"""A Pulumi program under mocks: what it declares, without an engine. For unit tests of a catalogue.

    from stripe_resources.testing import run

    def test_a_package_costs_four_cents_in_production():
        deployment = run("prod")
        assert deployment.problems == []
        assert deployment.of("Price", "tokens-monthly").inputs["unit_amount"] == 4

Each run is kept apart from the next, which the SDK's global state does not do by itself. What mocks do not see is in
docs/testing.md. https://www.pulumi.com/docs/iac/concepts/testing/unit/
"""

from __future__ import annotations

import asyncio
import runpy
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi.runtime
from pulumi.runtime import mocks
from pulumi.runtime.settings import reset_options
from pulumi.runtime.stack import run_pulumi_func

from stripe_client.project import configured, read

from ._core.secrecy import SECRETS
from .checking import failures_of
from .register import KINDS

__all__ = ["Declared", "Deployment", "run"]

_DYNAMIC = "pulumi-python:dynamic/"


@dataclass(frozen=True)
class Declared:
    """One resource as the program declares it."""

    type: str
    """For instance "pulumi-python:dynamic/stripe:Price"."""
    name: str
    inputs: dict[str, Any]
    internal: dict[str, Any]
    """Inputs whose names begin with two underscores: the pickled provider, and what the package writes for itself."""
    protect: bool
    parent: str = ""
    """The name of the component that it is part of; "" where there is none."""
    provider: str = ""
    """The name of the explicit provider that it is declared with; "" for the default one."""
    component: bool = False
    """Whether it only groups others: nothing at Stripe."""

    @property
    def kind(self) -> str:
        """For instance "Price"."""
        return self.type.rpartition(":")[2]

    @property
    def problems(self) -> list[str]:
        """What a preview would refuse about it, as "Price "tokens": unit_amount: -1 is too small; give 0 or more"."""
        if self.component or self.type.removeprefix(_DYNAMIC) not in KINDS:
            return []
        given = {**self.inputs, SECRETS: self.internal.get(SECRETS)}
        return [f'{self.kind} "{self.name}": {failure}' for failure in failures_of(self.kind, given)]


@dataclass(frozen=True)
class Deployment:
    """What one run of the program came to."""

    declared: tuple[Declared, ...]
    """All that it declares, the components too, in order."""
    outputs: dict[str, Any]
    """What it exports."""

    @property
    def resources(self) -> dict[str, Declared]:
        """By name, without the components."""
        return {d.name: d for d in self.declared if not d.component}

    @property
    def by_kind(self) -> dict[tuple[str, str], Declared]:
        """By type and name, without the components."""
        return {(d.type, d.name): d for d in self.declared if not d.component}

    @property
    def problems(self) -> list[str]:
        """What a preview would refuse about the resources; [] where all is well. Settings and policies are not asked."""
        return [problem for d in self.declared for problem in d.problems]

    def of(self, kind: str, name: str) -> Declared:
        """The resource or component of this kind (such as "Price") and name. Raises KeyError with what there is instead."""
        found = {(d.kind, d.name): d for d in self.declared}
        if (kind, name) not in found:
            raise KeyError(f'there is no {kind} "{name}"; declared are {", ".join(f"{k} {n}" for k, n in found)}')
        return found[kind, name]


def run(
    stack: str,
    folder: str | Path = ".",
    *,
    preview: bool = False,
    settings: Mapping[str, str] | None = None,
    missing: Collection[str] = (),
    secrets: Mapping[str, str] | None = None,
    ids: Mapping[tuple[str, str], str] | None = None,
    program: Path | None = None,
) -> Deployment:
    """Runs the program of the project in `folder` afresh, for the stack as its settings file configures it.

    Every resource is created at once and gets its name with `-id` as its id, or the one that `ids` gives by type and name; in
    a `preview` ids are not known yet. `settings` are keys of the project that are set otherwise, `missing` are those that are
    not set at all, `secrets` are keys of any namespace ("stripe:apiKey"); what is encrypted in the file is not set without them.
    `program` stands in for the project's own `__main__.py`. What the program raises comes through.
    """
    root = Path(folder).resolve()
    project = read(root / "Pulumi.yaml")
    name: str = project["name"]
    config = {**configuration(stack, root), **{f"{name}:{k}": v for k, v in (settings or {}).items()}, **(secrets or {})}
    for key in missing:
        del config[f"{name}:{key}"]
    text = program or root / str(project.get("main") or "") / "__main__.py"
    with _runtime(config, list(secrets or {})), _importable(text.parent):
        return asyncio.run(_run(name, stack, preview, text, ids or {}))


def configuration(stack: str, folder: str | Path = ".") -> dict[str, str]:
    """The configuration that an engine gives the program: the stack's file, over what Pulumi.yaml says. What is encrypted is left
    out. Raises `ConfigurationError` for a file that is not there, or that an engine refuses."""
    found = configured(Path(folder).resolve() / "Pulumi.yaml", stack, there=True)
    return {key: value.text for key, value in found.items() if not value.secret}


class _Mocks(mocks.Mocks):
    def __init__(self, preview: bool, ids: Mapping[tuple[str, str], str]) -> None:
        self._preview, self._ids = preview, ids

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return (None if self._preview else self._ids.get((args.typ, args.name), f"{args.name}-id")), args.inputs

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:  # type: ignore[override]
        raise AssertionError(f"the program calls no functions, but called {args.token}")


class _Monitor(mocks.MockMonitor):
    """Also keeps what mocks are not shown: options, parents, components."""

    def __init__(self, preview: bool, ids: Mapping[tuple[str, str], str]) -> None:
        super().__init__(_Mocks(preview, ids))
        self.declared: list[Declared] = []

    def RegisterResource(self, request: Any) -> Any:
        if request.type != "pulumi:pulumi:Stack":
            inputs = pulumi.runtime.rpc.deserialize_properties(request.object, keep_unknowns=True)
            self.declared.append(
                Declared(
                    request.type,
                    request.name,
                    {k: v for k, v in inputs.items() if not k.startswith("__")},
                    {k: v for k, v in inputs.items() if k.startswith("__")},
                    request.protect,
                    _named(request.parent),
                    _named(request.provider.rpartition("::")[0]),
                    not request.custom,
                )
            )
        # Called on a thread of its own. The mocks make an event loop there unless there is one, and never close it.
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            return super().RegisterResource(request)  # type: ignore[no-untyped-call]
        finally:
            asyncio.set_event_loop(None)
            loop.close()


def _named(urn: str) -> str:
    """The name of what a URN is of; "" for the stack."""
    return "" if "pulumi:pulumi:Stack::" in urn else urn.split("::", 3)[-1]


async def _run(project: str, stack: str, preview: bool, program: Path, ids: Mapping[tuple[str, str], str]) -> Deployment:
    monitor = _Monitor(preview, ids)
    mocks.set_mocks(monitor.mocks, project, stack, preview, monitor=monitor)

    def execute() -> None:
        runpy.run_path(str(program), run_name="__main__")

    await run_pulumi_func(execute)
    root = pulumi.runtime.get_root_resource()
    assert root is not None
    exported: Mapping[str, Any] = root.outputs  # type: ignore[attr-defined]
    outputs = {name: await pulumi.Output.from_input(value).future() for name, value in exported.items()}
    return Deployment(tuple(monitor.declared), outputs)


@contextmanager
def _runtime(config: Mapping[str, str], secret_keys: list[str]) -> Iterator[None]:
    """The SDK keeps configuration and the stack in global state, which no test may leave to the next."""
    reset_options()
    pulumi.runtime.set_all_config(dict(config), secret_keys)
    try:
        yield
    finally:
        pulumi.runtime.set_all_config({}, [])
        reset_options()


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Modules beside the program can be imported, as an engine has it."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
