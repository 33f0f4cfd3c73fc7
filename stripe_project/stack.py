"""What `make up`, `preview`, `refresh`, `destroy` and `policy` do: find an engine, start the local Stripe if needed, run.

stripe-project up --stack dev
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pulumi_local import environment
from pulumi_local.project.config import values
from pulumi_local.project.config.keys import Key
from stripe_client.settings import is_loopback

from . import answers, children, engine, explaining, local_stripe, settings
from .orphans import MOST_PAGES, Looked, look


@dataclass(frozen=True)
class Command:
    """What the engine is asked for, and what that does."""

    arguments: tuple[str, ...]
    says: str


COMMANDS = {
    "up": Command(("up",), "preview, then deploy a stack; any but dev on the local Stripe asks first"),
    "preview": Command(("preview",), "show what `up` would change"),
    "refresh": Command(
        ("refresh", "--yes", "--run-program", "--clear-pending-creates"), "take over into the state what Stripe has now (drift)"
    ),
    "destroy": Command(("destroy", "--run-program"), "retire everything that a stack declares; asks first"),
    "policy": Command(("preview", "--policy-pack", "policy"), "preview under the policy pack"),
}
"""--run-program: refresh and destroy then use the key that is configured now, not the one of the last `up`.
--clear-pending-creates: what a crash left is found again by the next `up`, whatever became of it (docs/crashes.md)."""

JSON_PREVIEW = ("preview", "--json", "--non-interactive")
IMPACT = (sys.executable, "-m", "stripe_impact")
ORPHANS = (sys.executable, "-m", "stripe_resources", "orphans")

ASKS = ("up", "destroy")
LOOKS = ("preview", "policy")
CONSENT = {"-f", "--skip-preview", "--preview-only"}
"""Options of the engines with which they do not ask either."""
NO_ANSWER = 2
"""The exit code where somebody would have to be asked; the engines have the same."""

PASSED_ON = "Other options, such as --diff, go to the engine."

API_BASE = Key("stripe", "apiBase")
API_KEY = Key("stripe", "apiKey")

PARALLEL = "64"
"""How many resources are worked on at a time. The engine's own default, four for each CPU, is meant for CPU-bound work; here all
of it waits for Stripe, and the requests per second are limited in any case."""


def add_to(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommands."""
    for name, command in COMMANDS.items():
        parser = parsers.add_parser(name, help=command.says, description=command.says, epilog=PASSED_ON)
        parser.add_argument("--stack", default="dev")
        if name in ASKS:
            parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
        if name == "policy":
            says = "say which rules looked at a resource (default: at each), with which settings, and why it passes"
            parser.add_argument("--explain", nargs="?", const="", metavar="NAME", help=says)
        parser.set_defaults(run=partial(_answer, name), passes_on=True)
    says = "show what `up` would do to bills"
    parser = parsers.add_parser("impact", help=says, description=says, epilog=PASSED_ON)
    parser.add_argument("--stack", default="dev")
    parser.set_defaults(run=_impact, passes_on=True)
    says = "list what belongs to a stack at Stripe and is in no state"
    goes = "Other options, such as --retire, go to `stripe-resources orphans`."
    parser = parsers.add_parser("orphans", help=says, description=says, epilog=goes)
    parser.add_argument("--stack", default="dev")
    parser.set_defaults(run=_orphans, passes_on=True)
    parser = parsers.add_parser("stop", help="stop the local Stripe; its data is kept")
    parser.set_defaults(run=lambda *_: local_stripe.stop(), passes_on=False)


def _answer(name: str, given: argparse.Namespace, more: Sequence[str]) -> int:
    """Runs one command on one stack; returns the engine's exit code."""
    settings.of_stack(given.stack)  # refuses what does not exist
    asks = name in ASKS and not _consents(name, given, more)
    if asks and not _answered(more):
        go_ahead = settings.typed(name, given.stack, "--yes")
        print(
            f"{name} asks before it changes stack {given.stack}, and nobody can answer here; to go ahead: {go_ahead}",
            file=sys.stderr,
        )
        return NO_ANSWER
    confirmed = ["--yes"] if name in ASKS and not asks and "--preview-only" not in more else []
    with tempfile.TemporaryDirectory() as folder:
        with children.saying("nothing was changed at Stripe"):
            if name in LOOKS:
                stack = to_look_at(given.stack, Path(folder))
            else:
                stack = found(given.stack)
                there = exists(stack)
                if name in ("destroy", "refresh") and "--remove" not in more and not (there and _has_anything(stack)):
                    print(f"{name}: there is nothing in stack {stack.name}.")
                    return 0
                make_ready(stack, there=there)
        print(f"{name}: stack {stack.name}, by {stack.engine.name}.", flush=True)
        asked = [*COMMANDS[name].arguments, *confirmed, "--stack", stack.name, *more]
        under_policies = any(argument.partition("=")[0] == "--policy-pack" for argument in asked)
        judged = with_baseline(stack, Path(folder)) if under_policies else stack
        judgements = Path(folder) / "judgements.jsonl"
        code = _run(name, replace(judged, environment={**judged.environment, "POLICY_EXPLAIN": str(judgements)}), asked)
        if name == "policy" and judgements.exists() and (given.explain is not None or "--json" not in more):
            print(explaining.told(judgements.read_text(encoding="utf-8"), given.explain))
    if code == 0 and name == "up":
        with children.saying("the deployment is complete"):
            _next_steps(stack)
    return code


def _impact(given: argparse.Namespace, more: Sequence[str]) -> int:
    """What the change does to bills, of a preview of its own; the exit code."""
    with children.saying("a preview changes nothing"), tempfile.TemporaryDirectory() as folder:
        stack = to_look_at(given.stack, Path(folder))
        command = [*stack.engine.command, *JSON_PREVIEW, "--stack", stack.name, *more]
        looked = children.run(command, settings.root(), stack.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        if looked.stopped:
            raise children.Stopped(looked.stopped)
        if looked.code:
            print(f"impact: the preview fails; {settings.typed('preview', stack.name)} says why", file=sys.stderr)
            return looked.code
        preview = Path(folder) / "preview.json"
        preview.write_text(looked.stdout, encoding="utf-8")
        return children.run([*IMPACT, str(preview)], settings.root(), stack.environment).code


def _orphans(given: argparse.Namespace, more: Sequence[str]) -> int:
    """Lists, retires or declares what is in no state; the exit code."""
    stack = found(given.stack)
    there = exists(stack)
    if not there and "--no-state" not in more:
        remedy = "set PULUMI_BACKEND_URL to where it is, or give --no-state if its state is lost for good"
        print(f"orphans: there is no stack {stack.name} here; {remedy}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        if stack.local:
            _start_stripe(stack)
        state = Path(folder) / "state.json"
        if there:
            captured(stack, ["stack", "export", "--stack", stack.name, "--file", str(state)])
        known = [] if "--no-state" in more else ["--state", str(state)]
        command = [*ORPHANS, "--stack", stack.name, *known, *more]
        return children.run(command, settings.root(), with_key(stack).environment).code


def _consents(name: str, given: argparse.Namespace, more: Sequence[str]) -> bool:
    """Whether nothing is asked: as the user says, or where `up` of dev can hit nothing but the local Stripe."""
    if given.yes or CONSENT & {*more} or environment.skips_confirmations():
        return True
    return name == "up" and given.stack == "dev" and is_loopback(_api_base(given.stack))


def _answered(more: Sequence[str]) -> bool:
    """Whether there is somebody whom the engine would ask."""
    if "--non-interactive" in more or os.environ.get("CI") or os.environ.get("TERM") == "dumb":
        return False
    return answers.interactive()


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


def found(name: str) -> Prepared:
    """A stack that need not exist yet, and an engine for it. Raises SystemExit where there are no settings or no engine."""
    api_base = _api_base(name)
    return Prepared(name, engine.find(), _environment(local=is_loopback(api_base)), api_base)


def make_ready(stack: Prepared, *, there: bool) -> None:
    """Starts the local Stripe if needed, and makes the stack unless it is there. Raises SystemExit."""
    if stack.local:
        _start_stripe(stack)
    if not there:
        captured(stack, ["stack", "init", stack.name])


def _start_stripe(stack: Prepared) -> None:
    dev = settings.project().settings_path("dev").exists() and settings.of_stack("dev").config.get(API_BASE)
    local_stripe.ensure(stack.api_base, home=str(dev or local_stripe.URL))


def to_look_at(name: str, folder: Path) -> Prepared:
    """A stack for what changes nothing, nor the backend: one that is not made yet has an empty state of its own in the folder."""
    stack = found(name)
    there = exists(stack)
    if not there:
        stack = replace(stack, environment={**stack.environment, "PULUMI_BACKEND_URL": folder.as_uri()})
    make_ready(stack, there=there)
    return stack


def prepared(name: str) -> Prepared:
    """An existing stack, made if it was not there."""
    stack = found(name)
    make_ready(stack, there=exists(stack))
    return stack


def _api_base(name: str) -> str:
    return os.environ.get("STRIPE_API_BASE") or str(settings.of_stack(name).config.get(API_BASE, ""))


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


def exists(stack: Prepared) -> bool:
    """Whether there is a state of the stack here."""
    return any(entry["name"] == stack.name for entry in json.loads(captured(stack, ["stack", "ls", "--json"])))


def _has_anything(stack: Prepared) -> bool:
    """Whether the state has a resource, or an operation that has not ended."""
    deployment = json.loads(captured(stack, ["stack", "export", "--stack", stack.name]))["deployment"]
    return bool(deployment.get("resources") or deployment.get("pending_operations"))


def with_baseline(stack: Prepared, folder: Path) -> Prepared:
    """Tells the policies what the stack is before the change, unless the user does. Secrets stay encrypted."""
    if stack.environment.get("POLICY_BASELINE"):
        return stack
    path = folder / "before.json"
    captured(stack, ["stack", "export", "--stack", stack.name, "--file", str(path)])
    return replace(stack, environment={**stack.environment, "POLICY_BASELINE": str(path)})


def with_key(stack: Prepared) -> Prepared:
    """With the key of Stripe that is encrypted in the stack's settings, unless the environment has one."""
    if stack.environment.get("STRIPE_API_KEY") or not values.has_secret(settings.of_stack(stack.name).config.get(API_KEY, "")):
        return stack
    key = captured(stack, ["config", "get", str(API_KEY), "--stack", stack.name]).strip()
    return replace(stack, environment={**stack.environment, "STRIPE_API_KEY": key})


def orphans(stack: Prepared, most_pages: int | None = None) -> Looked:
    """What belongs to the stack and is in no state; where anything is in the way, that."""
    try:
        exported = captured(stack, ["stack", "export", "--stack", stack.name])
        environment = with_key(stack).environment
    except SystemExit:
        return Looked(problem="see above")
    return look(exported, stack.name, environment, most_pages)


def _next_steps(stack: Prepared) -> None:
    outputs = json.loads(captured(stack, ["stack", "output", "--json", "--stack", stack.name]))
    preview, impact, up, refresh, policy, destroy = (
        settings.typed(name, stack.name) for name in ("preview", "impact", "up", "refresh", "policy", "destroy")
    )
    print("\nThe catalogue is up:")
    for name, value in outputs.items():
        print(f"  {name:<17} {value}")
    if left := orphans(stack, MOST_PAGES).line(stack.name):
        print(f"\n{left}")
    print(f"\nNext: edit Pulumi.{stack.name}.yaml, then {preview}, {impact} (on bills) and {up};")
    print(f"      {refresh} looks for drift, {policy} checks the policies,")
    print(f"      {destroy} retires it all.")
    if stack.local:
        print(f"      What was asked of Stripe: curl -s {stack.api_base}/_local/requests")
        print(f"\nTo watch it, with usage and invoices, open {stack.api_base}/ in a browser.")


class EngineFailed(SystemExit):
    """A command of the engine failed, which has said why on standard error."""

    def __init__(self, code: int, says: str) -> None:
        super().__init__(code)
        self.says = says


def captured(stack: Prepared, arguments: list[str]) -> str:
    """What the engine prints. Raises EngineFailed."""
    pipe = subprocess.PIPE
    ended = children.run([*stack.engine.command, *arguments], settings.root(), stack.environment, stdout=pipe, stderr=pipe)
    sys.stderr.write(ended.stderr)
    if ended.stopped:
        raise children.Stopped(ended.stopped)
    if ended.code:
        raise EngineFailed(ended.code, ended.stderr)
    return ended.stdout


def _run(name: str, stack: Prepared, arguments: list[str]) -> int:
    """Runs the engine in the foreground; its exit code."""
    ended = children.run([*stack.engine.command, *arguments], settings.root(), stack.environment)
    if ended.stopped and ended.code:
        raise children.Stopped(ended.stopped, _left(name, stack.name))
    return ended.code


def _left(name: str, stack: str) -> str:
    """What an interrupted command leaves."""
    if name in ("preview", "policy"):
        return "a preview changes nothing"
    return f"what is shown as done is done, and in the state; {settings.typed(name, stack)} does the rest"
