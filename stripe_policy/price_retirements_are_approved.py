"""In production, a price is retired only if somebody has approved it: nobody can subscribe to it from then on.

The approval is an entry in the stack's configuration, `policy:approvedPriceChanges`, with `to: retired`; see
price_changes_are_approved.py.
"""

from pulumi_policy import EnforcementLevel, PolicyResource, ReportViolation, StackValidationArgs, StackValidationPolicy

from ._approvals import RETIRED, approval, is_approved
from ._past import Old, past
from ._resources import PRICE, PROVIDER, STACK, known, of_type, report
from ._stack import is_production
from ._terms import text


def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each price that existed and is no longer declared, and each that is declared `active=False` and was not before."""
    before = past()
    declared = of_type(args, PRICE)
    successors: dict[str, PolicyResource] = {}
    for price in declared:
        old = before.of(price, "lookup_key")
        if old is not None:
            successors[old.urn] = price
    context = next((r for kind in (PROVIDER, STACK) for r in of_type(args, kind) if is_production(r)), None)
    for old in before.of_type(PRICE):
        if not _is_active(old.props.get("active")):
            continue
        successor = successors.get(old.urn)
        if successor is not None and not _is_active(known(successor.props, "active")) and is_production(successor):
            _report(report_violation, successor, old, "active", "false")
        elif successor is None and context is not None and not is_approved(context, old.name, text(old.props), RETIRED):
            report_violation(
                f'Price "{old.name}": it is not declared any more, and was {text(old.props)}. '
                f"{approval(old.name, text(old.props), RETIRED)}",
                old.urn,
            )


def _report(report_violation: ReportViolation, price: PolicyResource, old: Old, field: str, value: str) -> None:
    charged = text(old.props)
    if not is_approved(price, price.name, charged, RETIRED):
        remedy = approval(price.name, charged, RETIRED)
        report(report_violation, price, field, f"{value}, and the price was {charged}", remedy)


def _is_active(value: object) -> bool:
    return value is not False


policy = StackValidationPolicy(
    name="price-retirements-are-approved",
    description="In production, no price is retired without an approval.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
