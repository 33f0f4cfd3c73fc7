"""What is mandatory, advisory or disabled in which environment, and the rules' settings there: `config/<environment>.json`.

The files are what `--policy-pack-config` takes. The pack starts with that of the stack's environment; a file given on the command
line comes on top of it.
https://www.pulumi.com/docs/insights/policy/policy-packs/configuration/
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pulumi_policy import EnforcementLevel, Policy

from ._stack import environment

Config = dict[str, dict[str, Any]]
"""By rule, or "all": its `enforcementLevel`, an `EnforcementLevel`, and its settings."""


def initial_config(policies: Sequence[Policy], folder: Path) -> Config:
    """The configuration that the pack starts with; `folder` has the environments' files.

    Where the environment is not known (`pulumi policy analyze` gives a pack no configuration) or has no file, all rules are as
    strict as they are by themselves. Raises ValueError, naming the file, where it is not such a configuration.
    """
    try:
        stack = json.loads(os.environ.get("PULUMI_CONFIG") or "{}")
    except ValueError:
        stack = {}
    project = os.environ.get("PULUMI_PROJECT", "")
    return read(folder / f"{environment(project, stack)}.json", policies)


def read(path: Path, policies: Sequence[Policy]) -> Config:
    """One file; nothing if it does not exist."""
    if not path.is_file():
        return {}
    where = f"policy/config/{path.name}"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as e:
        raise ValueError(f"{where}: {e}") from None
    if not isinstance(document, dict):
        raise ValueError(f"{where}: expected an object, of rules and their levels")
    own = {policy.name: policy.enforcement_level or EnforcementLevel.MANDATORY for policy in policies}
    unknown = sorted(document.keys() - own.keys() - {"all"})
    if unknown:
        raise ValueError(f"{where}: there is no rule {', '.join(unknown)}; the rules are the files of stripe_policy")
    return {name: _one(where, name, value, own.get(name)) for name, value in document.items()}


def _one(where: str, name: str, value: Any, own: EnforcementLevel | None) -> dict[str, Any]:
    settings = dict(value) if isinstance(value, Mapping) else {"enforcementLevel": value}
    level = settings.get("enforcementLevel", own.value if own else "")
    try:
        # To the protocol a missing level means advisory.
        settings["enforcementLevel"] = EnforcementLevel(level)
    except ValueError:
        levels = ", ".join(e.value for e in EnforcementLevel)
        raise ValueError(f"{where}: {name}: the level is {level!r}; give one of {levels}") from None
    return settings
