"""Serves the pack. Pulumi runs this folder as a program with the folder itself on `sys.path`: `rules` is
top-level.

Nothing but the pack is made here, because its constructor serves until the engine is done.
https://www.pulumi.com/docs/insights/policy/
"""

import sys

from pulumi_policy import EnforcementLevel, PolicyPack
from rules import discover  # type: ignore[import-not-found]  # type checkers know it as policy.rules
from rules._levels import initial_config  # type: ignore[import-not-found]

try:
    policies = discover()
    levels = initial_config(policies)
except (TypeError, ValueError) as e:
    sys.exit(f"error: {e}")

PolicyPack("hypernian-billing", policies, enforcement_level=EnforcementLevel.MANDATORY, initial_config=levels)
