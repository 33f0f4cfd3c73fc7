"""Usage that is counted but has no price is paid by nobody, mostly because the price was forgotten."""

from pulumi_policy import EnforcementLevel, PolicyConfigSchema, ReportViolation, StackValidationArgs, StackValidationPolicy

from ._judging import because
from ._resources import METER, PRICE, comes_from, of_type, report
from ._settings import settings, texts

SCHEMA = PolicyConfigSchema({"mayBeUnpriced": texts("Names of meters that only count.", [])})


def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each meter that no price of the stack bills by."""
    priced = {meter.urn for price in of_type(args, PRICE) for meter in comes_from(price, "recurring", METER)}
    allowed = settings(args, SCHEMA)["mayBeUnpriced"]
    for meter in of_type(args, METER):
        if meter.urn in priced:
            because(meter, "a price of this stack bills by it")
        elif meter.name in allowed:
            because(meter, "it only counts: `mayBeUnpriced` names it")
        else:
            remedy = (
                'Declare a Price with recurring={..., "usage_type": "metered", "meter": meter.id}; or, if it is only to count, '
                "name the meter in this rule's setting `mayBeUnpriced`."
            )
            report(report_violation, meter, "price", "not declared in this stack", remedy)


policy = StackValidationPolicy(
    name="meters-have-a-price",
    description="Every meter has a price that bills by it.",
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=SCHEMA,
    validate=validate,
)
