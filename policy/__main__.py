"""Serves the pack. Pulumi runs this folder as a program, with the folder itself on `sys.path`; the rules are beside it.

Nothing but the pack is made here, because its constructor serves until the engine is done.
https://www.pulumi.com/docs/insights/policy/
"""

import sys
from pathlib import Path

from pulumi_policy import EnforcementLevel, PolicyPack

FOLDER = Path(__file__).absolute().parent
sys.path.insert(0, str(FOLDER.parent))

from stripe_policy import discover, initial_config  # noqa: E402  # found by the line above

try:
    policies = discover()
    levels = initial_config(policies, FOLDER / "config")
except (TypeError, ValueError) as e:
    sys.exit(f"error: {e}")

PolicyPack("hypernian-billing", policies, enforcement_level=EnforcementLevel.MANDATORY, initial_config=levels)
