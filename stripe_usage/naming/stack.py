"""A stack's outputs, from the engine that deploys it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stripe_client.reading import parsed as read
from stripe_client.reading import quoted
from stripe_usage.errors import UsageError

METER = ("meter_id", "event_name")
"""The outputs by which a stack names its meter."""


def outputs(stack: str, folder: Path, environment: Mapping[str, str], wanted: Sequence[str] = ()) -> dict[str, Any]:
    """The outputs of a stack of the project in `folder`, as `pulumi stack output --json` prints them.

    Raises `UsageError`, also where none of the `wanted` ones is among them.
    """
    command = [*_engine(folder, environment), "stack", "output", "--json", "--stack", stack]
    done = subprocess.run(
        command, cwd=folder, env=_environment(folder, environment), stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        said = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise UsageError(f"the outputs of stack {quoted(stack)} cannot be read: {said}; give --outputs instead")
    return parsed(done.stdout, f"stack {stack}", wanted)


def parsed(text: str, source: str, wanted: Sequence[str] = ()) -> dict[str, Any]:
    """Outputs from their JSON text. Raises `UsageError` where none of the `wanted` ones is among them."""
    try:
        found = read(text)
    except ValueError:
        raise UsageError(f"{source}: the outputs are not JSON; write them with `pulumi stack output --json`") from None
    if not isinstance(found, dict):
        raise UsageError(f"{source}: the outputs are not a JSON object; write them with `pulumi stack output --json`")
    if wanted and not any(isinstance(found.get(name), str) for name in wanted):
        raise UsageError(f"{source} has no output {' or '.join(wanted)}; export one, or give --event-name")
    return found


def _engine(folder: Path, environment: Mapping[str, str]) -> list[str]:
    """The Pulumi CLI on PATH, or the one that `make up` installed, else the local engine; PULUMI_ENGINE overrides this."""
    wish = environment.get("PULUMI_ENGINE", "")
    if wish not in ("", "cli", "local"):
        raise UsageError(f'PULUMI_ENGINE is "{quoted(wish)}"; give cli or local, or leave it out')
    installed = sorted((folder / ".local").glob("pulumi-*/bin/pulumi"))
    cli = shutil.which("pulumi", path=environment.get("PATH")) or (str(installed[-1]) if installed else None)
    if cli and wish != "local":
        return [cli]
    if wish == "cli":
        raise UsageError("PULUMI_ENGINE=cli, but there is no pulumi on PATH: https://www.pulumi.com/docs/install/")
    return [sys.executable, "-m", "pulumi_local"]


def _environment(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """With the state that `make up` keeps in this folder, where there is one and no other was named."""
    result = {"PULUMI_SKIP_UPDATE_CHECK": "true", **environment}
    state = folder / ".local" / "state"
    if state.is_dir() and "PULUMI_BACKEND_URL" not in environment:
        result["PULUMI_BACKEND_URL"] = f"file://{state}"
        if "PULUMI_CONFIG_PASSPHRASE_FILE" not in environment:
            result.setdefault("PULUMI_CONFIG_PASSPHRASE", "")
    # The local engine is beside this package, whatever the folder.
    result["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, [environment.get("PYTHONPATH")])])
    return result


def project_folder(start: Path) -> Path:
    """The nearest folder with a Pulumi.yaml, or `start`."""
    return next((f for f in (start, *start.parents) if any((f / n).is_file() for n in ("Pulumi.yaml", "Pulumi.yml"))), start)
