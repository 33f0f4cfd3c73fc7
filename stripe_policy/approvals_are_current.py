"""An approval covers one change. When that is made, nobody sees to it any more, and it would approve the same change again.

So each preview of production names the approvals, in `policy:approvedPriceChanges`, that approve nothing in it: they can go.
"""

from pulumi_policy import EnforcementLevel, ReportViolation, StackValidationArgs, StackValidationPolicy

from ._approvals import APPROVALS, change_of, entries, retirements
from ._judging import because
from ._past import past
from ._resources import PRICE, STACK, of_type
from ._stack import is_preview, production


def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each approval by which no change of a previewed production stack is approved."""
    before, stack = past(), production(args)
    if stack is None or before.problem or not is_preview():
        return
    prices = of_type(args, PRICE)
    changes = [change for price in prices if (change := change_of(price, before))]
    changes += [change for _, _, change in retirements(args, before)]
    names = {price.name for price in prices} | {old.name for old in before.of_type(PRICE)}
    for position, entry in enumerate(entries(stack)):
        used = next((change.price for change in changes if change.is_approved_by(entry)), None)
        if used is not None:
            because(stack, f'{APPROVALS}[{position}] approves the change of the price "{used}"')
        else:
            price = entry.get("price") if isinstance(entry, dict) else None
            of = f' (of the price "{price}")' if price in names else ""
            report_violation(
                f"{APPROVALS}[{position}]{of} approves no change of this deployment. Take it out of the stack's configuration: "
                "what it was for is done, or was never to be.",
                next((root.urn for root in of_type(args, STACK)), None),
            )


policy = StackValidationPolicy(
    name="approvals-are-current",
    description="Each approval of production's prices approves a change that is about to be made.",
    enforcement_level=EnforcementLevel.ADVISORY,
    validate=validate,
)
