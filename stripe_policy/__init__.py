"""The rules. Every module of this folder whose name has no leading underscore is one rule, its `policy`."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable
from pathlib import Path

try:
    import jsonschema  # noqa: F401  # of the same extra
    from pulumi_policy import EnforcementLevel, Policy, PolicyPack
except ModuleNotFoundError as e:
    # Packs are programs that begin with this import, and people are to see the line, not a traceback around it.
    sys.exit(f"stripe_policy needs {e.name}: pip install 'pulumi-stripe-billing[policy]'")

from ._judging import judging
from ._levels import initial_config
from ._past import name_from

__all__ = ["discover", "initial_config", "serve"]


def discover() -> list[Policy]:
    """The policies of this folder, in the order of their file names.

    Raises `TypeError`, naming the file, where a module has no `policy` or its policy is not named after the
    file.
    """
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return [_load(name) for name in sorted(names) if not name.startswith("_")]


def _load(name: str) -> Policy:
    policy = getattr(importlib.import_module(f"{__name__}.{name}"), "policy", None)
    if not isinstance(policy, Policy):
        raise TypeError(
            f"stripe_policy/{name}.py: policy is {policy!r}. Make it a ResourceValidationPolicy or a StackValidationPolicy."
        )
    expected = name.replace("_", "-")
    if policy.name != expected:
        raise TypeError(f"stripe_policy/{name}.py: the policy's name is {policy.name!r}. Name it {expected!r}.")
    return policy


def serve(name: str, config: Path, more: Iterable[Policy] = ()) -> None:
    """Serves the rules, and `more` of one's own, as a policy pack: all that the `__main__.py` of a pack does.

    Does not return before the engine is done, so nothing comes after it. `config` is the folder with a `<environment>.json` for
    each environment, see docs/policies.md. Ends the process with a message where one of them is wrong.
    https://www.pulumi.com/docs/insights/policy/
    """
    try:
        policies = [judging(policy) for policy in (*discover(), *more)]
        levels = initial_config(policies, config)
    except (TypeError, ValueError) as e:
        sys.exit(f"error: {e}")
    name_from(config.absolute().parents[1])
    PolicyPack(name, policies, enforcement_level=EnforcementLevel.MANDATORY, initial_config={**levels})
