"""Names that applications and people rely on follow a pattern, so that they can be guessed and searched for.

An event name is in the code of every application that reports usage, a lookup key in every one that sells: neither can be
changed later without all of them.
"""

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

from ._judging import because, needs
from ._resources import CATALOGUE, CUSTOMER, METER, PRICE, SUBSCRIPTION, known, plain, report
from ._settings import matches, pattern, settings

_SNAKE = "[a-z][a-z0-9]*(_[a-z0-9]+)*"
SCHEMA = PolicyConfigSchema(
    {
        "resourceNames": pattern("Names of resources in the program.", "[a-z][a-z0-9]*(-[a-z0-9]+)*"),
        "eventNames": pattern("`event_name` of meters.", _SNAKE),
        "lookupKeys": pattern("`lookup_key` of prices.", _SNAKE),
    }
)
FIELDS = {METER: ("event_name", "eventNames"), PRICE: ("lookup_key", "lookupKeys")}


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each resource name, event name and lookup key that does not follow the convention."""
    if args.resource_type not in {*CATALOGUE, CUSTOMER, SUBSCRIPTION}:
        return
    patterns = settings(args, SCHEMA)
    because(args, "what it is called is of the form that `resourceNames`, `eventNames` and `lookupKeys` give")
    if not matches(patterns["resourceNames"], args.name):
        _report(report_violation, args, "the resource's name", "resourceNames", patterns["resourceNames"])
    field, setting = FIELDS.get(args.resource_type, ("", ""))
    value = known(args.props, field)
    needs(args, plain(args.props), field)
    if isinstance(value, str) and value and not matches(patterns[setting], value):
        _report(report_violation, args, field, setting, patterns[setting])


def _report(report_violation: ReportViolation, args: ResourceValidationArgs, field: str, setting: str, expression: str) -> None:
    value = f"not of the form {expression}"
    report(report_violation, args, field, value, f"Rename it; or change this rule's setting `{setting}`.")


policy = ResourceValidationPolicy(
    name="names-follow-the-convention",
    description="Resources, event names and lookup keys are named by the convention.",
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=SCHEMA,
    validate=validate,
)
