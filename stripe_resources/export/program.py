"""The text of the program that declares what was exported. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .literals import INDENT, Reference, expression, text
from .names import Named
from .references import linked, may_name

_HEAD = '''"""What is at Stripe, as exported by `python -m stripe_resources export`.

It is imported once: pulumi import --stack {stack} --file {file} --yes --generate-code=false --protect=false
"""
'''


def program(resources: Sequence[Named], stack: str, file: str) -> str:
    """A module that declares the resources, in this order. What one refers to is named by its variable if it came before.

    `file` is the name of the import file, for the docstring.
    """
    return "\n".join([_HEAD.format(stack=stack, file=file), *statements(resources)])


def statements(resources: Sequence[Named]) -> list[str]:
    """The import of the kinds, and a statement for each of the resources."""
    if not resources:
        return []
    kinds = sorted({r.found.schema.kind for r in resources})
    parts = [f"from stripe_resources import {', '.join(kinds)}\n"]
    variables: dict[tuple[str, str], str] = {}
    for resource in resources:
        parts.append(_statement(resource, variables))
        variables[resource.found.schema.token, resource.found.id] = resource.variable
    return parts


def _statement(resource: Named, variables: Mapping[tuple[str, str], str]) -> str:
    def link(field: str, value: str) -> Any:
        found = (v for (token, id_), v in variables.items() if id_ == value and may_name(field, token))
        return next((Reference(v) for v in found), value)

    schema = resource.found.schema
    arguments = linked(schema.fields, resource.found.inputs, link).items()
    given = [text(resource.name), *(f"{name}={expression(value, len(name) + 1, 1)}" for name, value in arguments)]
    return f"{resource.variable} = {schema.kind}(\n" + "".join(f"{INDENT}{g},\n" for g in given) + ")\n"
