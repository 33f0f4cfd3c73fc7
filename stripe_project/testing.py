"""A project deployed for a test: by the local engine, to a local Stripe of its own.

    from stripe_project.testing import LocalStack

    def test_usage_is_billed():
        with LocalStack("dev") as stack:
            stack.up()
            stack.stripe.client().v1.prices.retrieve(stack.outputs()["price_id"])

Nothing of the project's own folder is changed, nor is any of its states.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from stripe_local.testing import LIVE_KEY, TEST_KEY, LocalStripe
from stripe_resources.testing import configuration

from .engine import LOCAL

__all__ = ["LocalStack"]

_NOT_COPIED = (".git", ".local", ".venv", "venv", "node_modules", "__pycache__", ".*_cache", "ci-out")


class LocalStack:
    """A copy of the project in `folder`, with a stack configured as its file says, a state and a local Stripe of its own.

    The program runs in the environment that runs the test. Keys are made up, as they fit the stack's mode.
    """

    stripe: LocalStripe
    """The local Stripe: `.client()`, `.requests()`, `.clock(advance=…)`."""
    folder: Path
    """The copy: what a test changes there, the next `up` deploys."""

    def __init__(self, stack: str, folder: str | Path = ".") -> None:
        self.name = stack
        self.stripe = LocalStripe()
        self._source = Path(folder).resolve()
        self._temporary = tempfile.TemporaryDirectory(prefix="stripe_project")

    def __enter__(self) -> Self:
        home = Path(self._temporary.name)
        self.folder = home / "project"
        shutil.copytree(self._source, self.folder, ignore=shutil.ignore_patterns(*_NOT_COPIED))
        self._run_here()
        (home / "state").mkdir()
        self.stripe.start()
        hidden = ("PULUMI_", "STRIPE_")
        self._environment = {
            "PULUMI_CONFIG_PASSPHRASE": "",
            **{k: v for k, v in os.environ.items() if not k.startswith(hidden) or k.startswith("PULUMI_CONFIG_PASSPHRASE")},
            "PULUMI_BACKEND_URL": f"file://{home}/state",
            "PULUMI_HOME": f"{home}/pulumi",
            "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true",
            "STRIPE_API_BASE": self.stripe.url,
            "STRIPE_API_KEY": LIVE_KEY if self._livemode() else TEST_KEY,
        }
        self._run("stack", "init", self.name)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.stripe.process is not None:
            self.stripe.__exit__(kind, error, trace)
        self._temporary.cleanup()

    def _run_here(self) -> None:
        """The copy has no environment of its own: its program runs in this one, whatever its toolchain is."""
        path = self.folder / "Pulumi.yaml"
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        document["runtime"] = {"name": "python", "options": {"toolchain": "pip", "virtualenv": sys.prefix}}
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")

    def _livemode(self) -> bool:
        return configuration(self.name, self.folder).get("stripe:livemode") == "true"

    # The engine

    def up(self) -> dict[str, int]:
        """Deploys. How many resources by what was done to them: {"create": 4}.

        Raises RuntimeError with what the engine says went wrong, as the others do.
        """
        return self._changes("up", "--yes", "--skip-preview")

    def preview(self) -> dict[str, int]:
        """The same of what `up` would do."""
        return self._changes("preview")

    def refresh(self) -> dict[str, int]:
        """The same of what is at Stripe and differs from the state, which it takes over."""
        return self._changes("refresh", "--yes", "--skip-preview")

    def destroy(self) -> dict[str, int]:
        """Retires everything; the same of that."""
        return self._changes("destroy", "--yes", "--skip-preview")

    def config(self, key: str, value: str) -> None:
        """Sets a setting of the stack, in the copy."""
        self._run("config", "set", key, value, "--stack", self.name)

    def outputs(self) -> dict[str, Any]:
        """What the program exports."""
        found: dict[str, Any] = json.loads(self._run("stack", "output", "--json", "--stack", self.name))
        return found

    def _changes(self, *arguments: str) -> dict[str, int]:
        lines = self._run(*arguments, "--stack", self.name, "--json").split("\n")
        events = [json.loads(line) for line in lines if line.startswith("{")]
        summary = next(event["summaryEvent"] for event in events if "summaryEvent" in event)
        return dict(summary["resourceChanges"] or {})

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*LOCAL.command, *arguments],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{arguments[0]}: {_said(done.stdout)}")
        return done.stdout


def _said(text: str) -> str:
    """What an engine's output says went wrong: its errors, where it tells events."""
    events = [json.loads(line) for line in text.split("\n") if line.startswith("{")]
    told = [event["diagnosticEvent"]["message"].strip() for event in events if "diagnosticEvent" in event]
    return "\n".join(told) or text
