"""What `make up`, `preview`, `refresh`, `destroy` and `policy` do: find an engine, start the local Stripe if needed, run.

stripe-project up --stack dev
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pulumi_local.project.config.keys import Key
from stripe_client.settings import is_loopback

from . import engine, local_stripe, settings


@dataclass(frozen=True)
class Command:
    """What the engine is asked for, and what that does."""

    arguments: tuple[str, ...]
    says: str


COMMANDS = {
    "up": Command(("up", "--yes"), "preview, then deploy a stack"),
    "preview": Command(("preview",), "show what `up` would change"),
    "refresh": Command(("refresh", "--yes", "--run-program"), "take over into the state what Stripe has now (drift)"),
    "destroy": Command(("destroy", "--yes", "--run-program"), "retire everything that a stack declares"),
    "policy": Command(("preview", "--policy-pack", "policy"), "preview under the policy pack"),
}
"""--run-program: refresh and destroy then use the key that is configured now, not the one of the last `up`."""

PASSED_ON = "Other options, such as --diff, go to the engine."

API_BASE = Key("stripe", "apiBase")

PARALLEL = "64"
"""How many resources are worked on at a time. The engine's own default, four for each CPU, is meant for CPU-bound work; here all
of it waits for Stripe, and the requests per second are limited in any case."""


def add_to(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommands."""
    for name, command in COMMANDS.items():
        parser = parsers.add_parser(name, help=command.says, description=command.says, epilog=PASSED_ON)
        parser.add_argument("--stack", default="dev")
        parser.set_defaults(run=partial(_answer, name), passes_on=True)
    parser = parsers.add_parser("stop", help="stop the local Stripe; its data is kept")
    parser.set_defaults(run=lambda *_: local_stripe.stop(), passes_on=False)


def _answer(name: str, given: argparse.Namespace, more: Sequence[str]) -> int:
    """Runs one command on one stack; returns the engine's exit code."""
    stack = prepared(given.stack)
    print(f"{name}: stack {stack.name}, by {stack.engine.name}.", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        asked = [*COMMANDS[name].arguments, "--stack", stack.name, *more]
        under_policies = any(argument.partition("=")[0] == "--policy-pack" for argument in asked)
        code = _run(with_baseline(stack, Path(folder)) if under_policies else stack, asked)
    if code == 0 and name == "up":
        _next_steps(stack)
    return code


@dataclass(frozen=True)
class Prepared:
    """An existing stack, and what it takes to work on it."""

    name: str
    engine: engine.Engine
    environment: dict[str, str]
    api_base: str
    """Stripe's address as configured; empty for its own."""

    @property
    def local(self) -> bool:
        """Whether it deploys to a Stripe on this machine."""
        return is_loopback(self.api_base)


def prepared(name: str) -> Prepared:
    """Finds an engine, starts the local Stripe if needed, and makes the stack if there is none. Raises SystemExit."""
    api_base = os.environ.get("STRIPE_API_BASE") or settings.of_stack(name).config.get(API_BASE, "")
    stack = Prepared(name, engine.find(), _environment(local=is_loopback(api_base)), api_base)
    if stack.local:
        local_stripe.ensure(api_base)
    _ensure_stack(stack)
    return stack


def _environment(local: bool) -> dict[str, str]:
    """For a stack on the local Stripe, state stays in this folder and needs no passphrase, unless set otherwise."""
    environment = {"PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_PARALLEL": PARALLEL, **os.environ}
    if local:
        state = settings.root() / ".local" / "state"
        state.mkdir(parents=True, exist_ok=True)
        environment.setdefault("PULUMI_BACKEND_URL", f"file://{state}")
        if "PULUMI_CONFIG_PASSPHRASE_FILE" not in environment:
            environment.setdefault("PULUMI_CONFIG_PASSPHRASE", "")
    return environment


def _ensure_stack(stack: Prepared) -> None:
    listed = _captured(stack, ["stack", "ls", "--json"])
    if any(entry["name"] == stack.name for entry in json.loads(listed)):
        return
    _captured(stack, ["stack", "init", stack.name])


def with_baseline(stack: Prepared, folder: Path) -> Prepared:
    """Tells the policies what the stack is before the change, unless the user does. Secrets stay encrypted."""
    if stack.environment.get("POLICY_BASELINE"):
        return stack
    path = folder / "before.json"
    _captured(stack, ["stack", "export", "--stack", stack.name, "--file", str(path)])
    return replace(stack, environment={**stack.environment, "POLICY_BASELINE": str(path)})


def _next_steps(stack: Prepared) -> None:
    outputs = json.loads(_captured(stack, ["stack", "output", "--json", "--stack", stack.name]))
    print("\nThe catalogue is up:")
    for name, value in outputs.items():
        print(f"  {name:<17} {value}")
    suffix = "" if stack.name == "dev" else f" STACK={stack.name}"
    print(f"\nNext: edit Pulumi.{stack.name}.yaml, then `make preview{suffix}` and `make up{suffix}`;")
    print(f"      `make refresh{suffix}` looks for drift, `make policy{suffix}` checks the policies,")
    print(f"      `make destroy{suffix}` retires it all.")
    if stack.local:
        print(f"      What was asked of Stripe: curl -s {stack.api_base}/_local/requests")
        print(f"\nTo watch it, with usage and invoices, open {stack.api_base}/ in a browser.")


def _captured(stack: Prepared, arguments: list[str]) -> str:
    done = subprocess.run(
        [*stack.engine.command, *arguments], cwd=settings.root(), env=stack.environment, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.stdout


def _run(stack: Prepared, arguments: list[str]) -> int:
    """Runs the engine in the foreground. Ctrl-C reaches it as well, and it decides how to end."""
    process = subprocess.Popen([*stack.engine.command, *arguments], cwd=settings.root(), env=stack.environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
