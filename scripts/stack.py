"""What `make up`, `preview`, `refresh`, `destroy` and `policy` do: find an engine, start the local Stripe if it is meant, run.

python -m scripts.stack up --stack dev
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from . import engine, local_stripe

ROOT = Path(__file__).resolve().parents[1]

COMMANDS: dict[str, list[str]] = {
    "preview": ["preview"],
    "up": ["up", "--yes"],
    "refresh": ["refresh", "--yes", "--run-program"],
    "destroy": ["destroy", "--yes", "--run-program"],
    "policy": ["preview", "--policy-pack", "policy"],
}
"""--run-program: refresh and destroy then use the key that is configured now, not the one of the last `up`."""

PARALLEL = "64"
"""How many resources are worked on at a time. The engine's own default, four for each CPU, is meant for work that needs one; here
all of it is waiting for Stripe, and what is sent in a second is limited in any case."""


def main() -> int:
    """Runs one command on one stack; returns the engine's exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=[*COMMANDS, "stop"])
    parser.add_argument("--stack", default="dev")
    arguments, more = parser.parse_known_args()
    if arguments.command == "stop":
        local_stripe.stop()
        return 0
    stack = arguments.stack
    config = _configuration(stack)
    api_base = os.environ.get("STRIPE_API_BASE") or config.get("stripe:apiBase", "")
    chosen = engine.find()
    environment = _environment(local=local_stripe.is_loopback(api_base))
    if local_stripe.is_loopback(api_base):
        local_stripe.ensure(api_base)
    _ensure_stack(chosen, stack, environment)
    print(f"{arguments.command}: stack {stack}, by {chosen.name}.", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        if arguments.command == "policy":
            environment = _with_baseline(chosen, stack, environment, Path(folder))
        code = _run(chosen, [*COMMANDS[arguments.command], "--stack", stack, *more], environment)
    if code == 0 and arguments.command == "up":
        _next_steps(chosen, stack, environment, api_base)
    return code


def _configuration(stack: str) -> dict[str, Any]:
    path = ROOT / f"Pulumi.{stack}.yaml"
    if not path.exists():
        known = sorted(p.name.split(".")[1] for p in ROOT.glob("Pulumi.*.yaml"))
        raise SystemExit(f"There is no {path.name}; give STACK={' or '.join(known)}, or write the file")
    config: dict[str, Any] = (yaml.safe_load(path.read_text()) or {}).get("config") or {}
    return config


def _environment(local: bool) -> dict[str, str]:
    """For a stack on the local Stripe, state stays in this folder, and needs no passphrase, unless told otherwise."""
    environment = {"PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_PARALLEL": PARALLEL, **os.environ}
    if local:
        state = ROOT / ".local" / "state"
        state.mkdir(parents=True, exist_ok=True)
        environment.setdefault("PULUMI_BACKEND_URL", f"file://{state}")
        if "PULUMI_CONFIG_PASSPHRASE_FILE" not in environment:
            environment.setdefault("PULUMI_CONFIG_PASSPHRASE", "")
    return environment


def _ensure_stack(chosen: engine.Engine, stack: str, environment: dict[str, str]) -> None:
    listed = _captured(chosen, ["stack", "ls", "--json"], environment)
    if any(entry["name"] == stack for entry in json.loads(listed)):
        return
    _captured(chosen, ["stack", "init", stack], environment)


def _with_baseline(chosen: engine.Engine, stack: str, environment: dict[str, str], folder: Path) -> dict[str, str]:
    """Tells the policies what the stack is before the change, unless the user does. Secrets stay encrypted."""
    if environment.get("POLICY_BASELINE"):
        return environment
    path = folder / "before.json"
    _captured(chosen, ["stack", "export", "--stack", stack, "--file", str(path)], environment)
    return {**environment, "POLICY_BASELINE": str(path)}


def _next_steps(chosen: engine.Engine, stack: str, environment: dict[str, str], api_base: str) -> None:
    outputs = json.loads(_captured(chosen, ["stack", "output", "--json", "--stack", stack], environment))
    print("\nThe catalogue is up:")
    for name, value in outputs.items():
        print(f"  {name:<17} {value}")
    suffix = "" if stack == "dev" else f" STACK={stack}"
    print(f"\nNext: edit Pulumi.{stack}.yaml, then `make preview{suffix}` and `make up{suffix}`;")
    print(f"      `make refresh{suffix}` looks for drift, `make policy{suffix}` checks the policies,")
    print(f"      `make destroy{suffix}` retires it all.")
    if local_stripe.is_loopback(api_base):
        print(f"      What was asked of Stripe: curl -s {api_base}/_local/requests")


def _captured(chosen: engine.Engine, arguments: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run([*chosen.command, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.stdout


def _run(chosen: engine.Engine, arguments: list[str], environment: dict[str, str]) -> int:
    """The engine in the foreground. Ctrl-C reaches it as well, and it decides how to end."""
    process = subprocess.Popen([*chosen.command, *arguments], cwd=ROOT, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


if __name__ == "__main__":
    sys.exit(main())
