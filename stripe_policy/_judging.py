"""What a rule says of a resource beside what violates it: why it passes, and what it cannot judge yet.

    because(args, "unit_amount is 0.04 USD")        # shown where the resource passes
    needs(args, props, "unit_amount")               # tells of what a preview does not know yet

What is not known yet is judged by the deployment, before the resource is made. The setting `unknown`, which every rule has, says
whether a preview warns of it or fails. With POLICY_EXPLAIN each judgement is a line of JSON in that file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from inspect import isawaitable
from pathlib import Path
from typing import Any

from pulumi_policy import (
    Policy,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from ._resources import STACK, UNKNOWN, kind_of, listed
from ._settings import UNKNOWN_SETTING, problems, schema_of

EXPLAIN = "POLICY_EXPLAIN"
"""The environment variable with the path of the file that judgements are added to, one JSON object a line: `urn`, `rule`,
`result` ("passed", "violated" or "cannot be judged yet"), `why` (texts) and `settings`."""

NOT_YET = "cannot be judged yet"

Judged = ResourceValidationArgs | PolicyResource


@dataclass
class _Judgement:
    resource: Judged
    why: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


_under_way: ContextVar[dict[str, _Judgement] | None] = ContextVar("judgements by URN", default=None)


def because(resource: Judged, reason: str) -> None:
    """Says why a resource passes. `reason` is shown as it is: see `shown`."""
    if (judgement := _of(resource)) is not None:
        judgement.why.append(reason)


def needs(resource: Judged, props: Mapping[str, Any], *fields: str, prefix: str = "", deep: bool = True) -> None:
    """Says that a resource cannot be judged where one of these fields (of `plain` properties), or with `deep` anything in it, is
    not known yet. `prefix` comes before their names."""
    judgement = _of(resource)
    if judgement is None:
        return
    for name in fields:
        paths = _unknown(props.get(name), prefix + name, deep)
        judgement.unknown += [path for path in paths if path not in judgement.unknown]


def _of(resource: Judged) -> _Judgement | None:
    judgements = _under_way.get()
    return None if judgements is None else judgements.setdefault(resource.urn, _Judgement(resource))


def _unknown(value: Any, path: str, deep: bool) -> Iterator[str]:
    if value is UNKNOWN:
        yield path
    elif deep and isinstance(value, Mapping):
        for key, item in value.items():
            yield from _unknown(item, f"{path}.{key}", deep)
    elif deep and isinstance(value, list):
        for i, item in enumerate(value):
            yield from _unknown(item, f"{path}[{i}]", deep)


class _NotYet(UnknownValueError):
    """What the SDK makes a warning of."""

    def __init__(self, message: str) -> None:
        super().__init__(UNKNOWN_STRING_VALUE, [])
        self.message = message


def judging(policy: Policy) -> Policy:
    """The rule, which from now on also has the setting `unknown`, reports settings that it does not have (on the command line,
    engines check those that are in the schema and let all others through), and writes its judgements down."""
    if not isinstance(policy, ResourceValidationPolicy | StackValidationPolicy):
        return policy
    policy.config_schema = PolicyConfigSchema(schema_of(policy), list(getattr(policy.config_schema, "required", None) or []))
    judge: Any = policy.validate

    def validate(args: Any, report_violation: ReportViolation) -> Any:
        if isinstance(args, StackValidationArgs) or args.resource_type == STACK:
            for problem in problems(policy, args.get_config()):
                report_violation(f"{policy.name}: {problem}", None)
        violated: set[str | None] = set()

        def report(message: str, urn: str | None = None) -> None:
            violated.add(urn)
            report_violation(message, urn)

        judgements: dict[str, _Judgement] = {}
        token = _under_way.set(judgements)
        try:
            result = judge(args, report)
        except UnknownValueError as e:  # it was read as if it were known
            if isinstance(args, StackValidationArgs):
                raise
            result = None
            judgements.setdefault(args.urn, _Judgement(args)).unknown.append(".".join(e.props))
        finally:
            _under_way.reset(token)
        if isawaitable(result):  # a rule of one's own; it says what it has to say later
            return result
        _explain(policy, args.get_config(), judgements, violated)
        not_yet = [(urn, _not_yet(policy, judgement)) for urn, judgement in judgements.items() if judgement.unknown]
        if not_yet and args.get_config().get(UNKNOWN_SETTING) != "fail":
            raise _NotYet(" ".join(message for _, message in not_yet))
        for urn, message in not_yet:
            report_violation(message, urn)
        return None

    policy.validate = validate  # type: ignore[method-assign]
    return policy


def _not_yet(policy: Policy, judgement: _Judgement) -> str:
    resource, unknown = judgement.resource, judgement.unknown
    then = "at its end" if isinstance(policy, StackValidationPolicy) else "before it makes the resource"
    are = "is" if len(unknown) == 1 else "are"
    return f'{kind_of(resource)} "{resource.name}": {NOT_YET}, since {listed(unknown)} {are} not known; `up` judges it {then}.'


def _explain(policy: Policy, given: Mapping[str, Any], judgements: Mapping[str, _Judgement], violated: set[str | None]) -> None:
    path = os.environ.get(EXPLAIN)
    if not path:
        return
    settings = {name: spec.get("default") for name, spec in schema_of(policy).items()} | dict(given)
    lines = []
    for urn in dict.fromkeys([*judgements, *sorted(urn for urn in violated if urn)]):
        why, unknown = (judgements[urn].why, judgements[urn].unknown) if urn in judgements else ([], [])
        result = "violated" if urn in violated else NOT_YET if unknown else "passed"
        said = {"passed": why, NOT_YET: [f"{name} is not known" for name in unknown]}.get(result, [])
        lines.append(json.dumps({"urn": urn, "rule": policy.name, "result": result, "why": said, "settings": settings}) + "\n")
    with Path(path).open("a", encoding="utf-8") as file:
        file.writelines(lines)
