"""What was counted one way is never counted another way under the same name.

A changed formula replaces the meter: the usage that was reported in this period stays with the old one and is never billed, and
the same number on an invoice means something else from then on. A new `event_name` makes both visible, and lets the application
switch when it is ready. https://docs.stripe.com/api/billing/meter
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import EnforcementLevel, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy

from ._judging import because, needs
from ._past import past
from ._resources import METER, UNKNOWN, plain, report

DEFAULTS = {
    "default_aggregation": {},
    "customer_mapping": {"event_payload_key": "stripe_customer_id", "type": "by_id"},
    "value_settings": {"event_payload_key": "value"},
    "event_time_window": None,
}
"""What makes up the formula, with Stripe's defaults."""
_WORDS = ("sum", "count", "last", "day", "hour")


def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Reports each part of the formula of a meter that is not what it was under the same `event_name`."""
    if args.resource_type != METER:
        return
    news = plain(args.props)
    event_name, meters = news.get("event_name"), list(past().of_type(METER))
    if meters:
        needs(args, news, "event_name")
    old = next((m for m in meters if m.props.get("event_name") == event_name and event_name is not UNKNOWN), None)
    if old is None:
        because(args, "no meter of the state before has its event_name")
        return
    needs(args, news, *DEFAULTS)
    because(args, "it counts as it did under the same event_name")
    for field, before, after in _changes(old.props, news):
        remedy = "Declare another Meter with an event_name of its own, and its price; retire this one when nobody reports to it."
        report(report_violation, args, field, f"{after} and was {before} under the same event_name", remedy)


def _changes(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for field, default in DEFAULTS.items():
        before, after = olds.get(field) or default, news.get(field) or default
        if before == after or UNKNOWN in (before, after):
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            for key in sorted(before.keys() | after.keys()):
                pair = before.get(key), after.get(key)
                if pair[0] != pair[1] and UNKNOWN not in pair:
                    yield f"{field}.{key}", _shown(pair[0]), _shown(pair[1])
        else:
            yield field, _shown(before), _shown(after)


def _shown(value: Any) -> str:
    return "not set" if value is None else repr(value) if value in _WORDS else "another value"


policy = ResourceValidationPolicy(
    name="meter-formulas-are-kept",
    description="A meter's formula is never changed under the same event name.",
    enforcement_level=EnforcementLevel.MANDATORY,
    validate=validate,
)
