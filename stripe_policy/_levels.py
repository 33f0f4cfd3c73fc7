"""What is mandatory, advisory or disabled in which environment, and the rules' settings there: `config/<environment>.json`.

The files are what `--policy-pack-config` takes. The pack starts with that of the stack's environment; a file given on the command
line comes on top of it.
https://www.pulumi.com/docs/insights/policy/policy-packs/configuration/
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pulumi_policy import EnforcementLevel, Policy

from stripe_client.reading import parsed, text

from ._settings import problems
from ._stack import environment

_NAME = re.compile(r"[\w.-]{1,100}")
"""Of an environment that can have a file."""

Config = dict[str, dict[str, Any]]
"""By rule, or "all": its `enforcementLevel`, an `EnforcementLevel`, and its settings."""


def initial_config(policies: Sequence[Policy], folder: Path) -> Config:
    """The configuration that the pack starts with; `folder` has the environments' files.

    Where the environment is not known (`pulumi policy analyze` gives a pack no configuration) or has no file, all rules are as
    strict as they are by themselves. Raises ValueError, naming the file, where it is not such a configuration.
    """
    try:
        stack = parsed(os.environ.get("PULUMI_CONFIG") or "{}")
    except ValueError:
        stack = {}
    project = os.environ.get("PULUMI_PROJECT", "")
    name = environment(project, stack if isinstance(stack, dict) else {})
    return read(folder / f"{name}.json", policies) if _NAME.fullmatch(name) else {}


def read(path: Path, policies: Sequence[Policy]) -> Config:
    """One file; nothing if it does not exist."""
    if not path.exists():
        return {}
    where = f"policy/config/{path.name}"
    try:
        document = parsed(text(str(path)), once=True)
    except ValueError as e:
        raise ValueError(f"{where}: {e}") from None
    if not isinstance(document, dict):
        raise ValueError(f"{where}: expected an object, of rules and their levels")
    rules = {policy.name: policy for policy in policies}
    wrong = [f"there is no rule {name}; the rules are the files of stripe_policy" for name in document.keys() - {*rules, "all"}]
    config = {}
    for name, value in document.items():
        policy = rules.get(name)
        settings = dict(value) if isinstance(value, Mapping) else {"enforcementLevel": value}
        # To the protocol a missing level means advisory.
        level = settings.pop("enforcementLevel", policy and (policy.enforcement_level or EnforcementLevel.MANDATORY).value)
        if level not in (e.value for e in EnforcementLevel):
            levels = ", ".join(e.value for e in EnforcementLevel)
            wrong.append(f"{name}: the level is {level!r}; give one of {levels}")
        else:
            config[name] = {**settings, "enforcementLevel": EnforcementLevel(level)}
        if name in rules or name == "all":
            wrong += [f"{name}: {problem}" for problem in problems(policy, settings)]
    if wrong:
        raise ValueError("\n".join(f"{where}: {problem}" for problem in sorted(wrong)))
    return config
