"""What a catalogue is made of, above single resources: `UsageBasedPlan`, and the amounts in which its prices are written.

    from stripe_components import UsageBasedPlan, flat, graduated, packages, per_unit, volume

They are made of the resources of `stripe_resources`, which know nothing of this package.
"""

from .amounts import Amount, Rate, flat, graduated, packages, per_unit, volume
from .declarations import PlanPrice, UsageBasedPlanArgs
from .plan import UsageBasedPlan

__all__ = [
    "Amount",
    "PlanPrice",
    "Rate",
    "UsageBasedPlan",
    "UsageBasedPlanArgs",
    "flat",
    "graduated",
    "packages",
    "per_unit",
    "volume",
]
