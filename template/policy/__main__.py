"""The policy pack: the rules of stripe_policy, as strict as config/<environment>.json says.

Rules of your own are `pulumi_policy.Policy` objects: serve("billing", …, more=[mine]).
"""

from pathlib import Path

from stripe_policy import serve

serve("billing", Path(__file__).parent / "config")
