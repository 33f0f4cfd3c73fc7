"""An object on Stripe's dashboard says whom to ask about it, and which environment it belongs to.

Meters have no metadata. https://docs.stripe.com/metadata
"""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

from ._judging import because, needs
from ._resources import CUSTOMER, PRICE, PRODUCT, SUBSCRIPTION, UNKNOWN, is_set, plain, report
from ._settings import settings, texts
from ._stack import environment_key
from ._stack import settings as configured

SCHEMA = PolicyConfigSchema({"keys": texts("Keys that the metadata of every object has.", ["owner", "environment"])})
KINDS = (PRODUCT, PRICE, CUSTOMER, SUBSCRIPTION)


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each key that the metadata of an object lacks, and an `environment` in it that is not the stack's."""
    if args.resource_type not in KINDS:
        return
    props = plain(args.props)
    needs(args, props, "metadata", deep=False)
    metadata = props.get("metadata") or {}
    if not isinstance(metadata, Mapping):
        return
    for key in settings(args, SCHEMA)["keys"]:
        if is_set(metadata, key):
            because(args, f'metadata["{key}"] is set')
        else:
            remedy = 'Declare metadata={"owner": ..., "environment": ...}; `owner` is a team that answers for it.'
            report(report_violation, args, f'metadata["{key}"]', "not set", remedy)
    key = environment_key(args)
    needs(args, metadata, "environment", prefix="metadata.")
    environment, own = metadata.get("environment"), next((v for v in configured(args, key) if v), None)
    if environment and environment is not UNKNOWN and own and environment != own:
        value = f"not the stack's {key}"
        report(report_violation, args, 'metadata["environment"]', value, f"Take it from the configuration: {key}.")


policy = ResourceValidationPolicy(
    name="metadata-names-owner-and-environment",
    description="The metadata of every object names its owner and its environment.",
    enforcement_level=EnforcementLevel.MANDATORY,
    config_schema=SCHEMA,
    validate=validate,
)
