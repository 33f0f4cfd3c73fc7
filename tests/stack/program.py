"""The stack program under Pulumi's mocks: what it declares, without engine, provider or Stripe.

https://www.pulumi.com/docs/iac/concepts/testing/unit/
"""

from __future__ import annotations

import asyncio
import runpy
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi.runtime
import yaml
from pulumi.runtime import mocks
from pulumi.runtime.settings import reset_options
from pulumi.runtime.stack import run_pulumi_func

ROOT = Path(__file__).parents[2]
PROJECT = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
NAME: str = PROJECT["name"]
STACKS = ("dev", "staging", "prod")


@dataclass(frozen=True)
class Declared:
    """One resource as the program declares it."""

    type: str
    inputs: dict[str, Any]
    internal: dict[str, Any]
    """Inputs whose names begin with two underscores: the pickled provider, and what the package writes for itself."""
    protect: bool


@dataclass(frozen=True)
class Deployment:
    """What one run of the program came to."""

    resources: dict[str, Declared]
    """By name."""
    by_kind: dict[tuple[str, str], Declared]
    """By type and name."""
    outputs: dict[str, Any]


class _Mocks(mocks.Mocks):
    """Every resource is created at once and gets its name as its id unless it has one; none in a preview."""

    def __init__(self, preview: bool, ids: Mapping[tuple[str, str], str]) -> None:
        self._preview, self._ids = preview, ids

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return (None if self._preview else self._ids.get((args.typ, args.name), f"{args.name}-id")), args.inputs

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:  # type: ignore[override]
        raise AssertionError(f"the program calls no functions, but called {args.token}")


class _Monitor(mocks.MockMonitor):
    """Also keeps what mocks are not shown: the options of the resources."""

    def __init__(self, preview: bool, ids: Mapping[tuple[str, str], str]) -> None:
        super().__init__(_Mocks(preview, ids))
        self.declared: dict[tuple[str, str], Declared] = {}

    def RegisterResource(self, request: Any) -> Any:
        if request.type != "pulumi:pulumi:Stack":
            inputs = pulumi.runtime.rpc.deserialize_properties(request.object, keep_unknowns=True)
            self.declared[request.type, request.name] = Declared(
                request.type,
                {k: v for k, v in inputs.items() if not k.startswith("__")},
                {k: v for k, v in inputs.items() if k.startswith("__")},
                request.protect,
            )
        # Called on a thread of its own. The mocks make an event loop there unless there is one, and never close it.
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            return super().RegisterResource(request)  # type: ignore[no-untyped-call]
        finally:
            asyncio.set_event_loop(None)
            loop.close()


def configuration(stack: str) -> dict[str, str]:
    """The configuration that an engine gives the program: the stack's file, and the defaults of Pulumi.yaml."""
    defaults = {f"{NAME}:{key}": spec["default"] for key, spec in PROJECT["config"].items() if "default" in spec}
    own = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    return {key: _text(value) for key, value in {**defaults, **own}.items()}


def _text(value: object) -> str:
    """Configuration reaches programs as text only."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def run(
    stack: str,
    *,
    preview: bool = False,
    secrets: Mapping[str, str] | None = None,
    missing: Collection[str] = (),
    program: Path = ROOT / "__main__.py",
    settings: Mapping[str, str] | None = None,
    ids: Mapping[tuple[str, str], str] | None = None,
) -> Deployment:
    """Runs the program afresh, for the stack as its file configures it.

    `settings` are keys of the project that are set otherwise, `missing` such as are not set at all, `secrets` are keys of any
    namespace, `ids` the ids that resources get, by type and name. What the program raises comes through.
    """
    config = {**configuration(stack), **{f"{NAME}:{k}": v for k, v in (settings or {}).items()}, **(secrets or {})}
    for key in missing:
        del config[f"{NAME}:{key}"]
    with _runtime(config, list(secrets or {})):
        return asyncio.run(_run(stack, preview, program, ids or {}))


async def _run(stack: str, preview: bool, program: Path, ids: Mapping[tuple[str, str], str]) -> Deployment:
    monitor = _Monitor(preview, ids)
    mocks.set_mocks(monitor.mocks, NAME, stack, preview, monitor=monitor)

    async def execute() -> None:
        runpy.run_path(str(program), run_name="__main__")

    await run_pulumi_func(execute)
    root = pulumi.runtime.get_root_resource()
    assert root is not None
    exported: Mapping[str, Any] = root.outputs  # type: ignore[attr-defined]
    outputs = {name: await pulumi.Output.from_input(value).future() for name, value in exported.items()}
    return Deployment({name: d for (_, name), d in monitor.declared.items()}, monitor.declared, outputs)


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
