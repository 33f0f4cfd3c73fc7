"""Serves the pack. Pulumi runs this folder as a program with the folder itself on `sys.path`: `rules` is
top-level.

Nothing but the pack is made here, because its constructor serves until the engine is done.
https://www.pulumi.com/docs/insights/policy/
"""

from pulumi_policy import EnforcementLevel, PolicyPack
from rules import discover  # type: ignore[import-not-found]  # type checkers know it as policy.rules
from rules._levels import initial_config  # type: ignore[import-not-found]

POLICIES = discover()

PolicyPack(
    "hypernian-billing",
    POLICIES,
    enforcement_level=EnforcementLevel.MANDATORY,
    initial_config=initial_config(POLICIES),
)
