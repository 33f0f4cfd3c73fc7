"""What `transforms` add to a resource's options, which the engine asks for after the provider was told what it has to know.

https://www.pulumi.com/docs/iac/concepts/resources/options/transforms/
"""

from __future__ import annotations

import copy
from typing import Any

import pulumi

_OURS = "pulumi-python:dynamic/stripe:"
_TOLD_BEFORE = ("aliases", "replace_on_changes")
"""Options of which the provider knows what the program gives; no engine tells it of what comes later."""


def watched(opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """The options, whose transforms refuse to add what would have no effect.

    They refuse with `pulumi.RunError`, for the resource itself and for what is below it. Those of other resources above it, and
    of the stack, run afterwards, and are not seen.
    """
    if not opts.transforms:
        return opts
    given: dict[tuple[str, str], dict[str, list[Any]]] = {}

    def before(args: pulumi.ResourceTransformArgs) -> None:
        given[args.type_, args.name] = _of(args.opts)

    def after(args: pulumi.ResourceTransformArgs) -> None:
        had, has = given.get((args.type_, args.name), {}), _of(args.opts)
        added = [name for name, values in has.items() if _added(had.get(name, []), values)]
        if added and args.type_.startswith(_OURS):
            raise pulumi.RunError(
                f'{args.type_.removeprefix(_OURS)} "{args.name}": a transform adds {" and ".join(added)}, which no engine tells '
                "a provider of; give it to the resource itself, or add it with `transformations`"
            )

    watching = copy.copy(opts)
    watching.transforms = [before, *opts.transforms, after]
    return watching


def _of(opts: pulumi.ResourceOptions) -> dict[str, list[Any]]:
    return {name: list(getattr(opts, name) or ()) for name in _TOLD_BEFORE}


def _added(had: list[Any], has: list[Any]) -> bool:
    """Whether there is more. Each callback gets aliases of its own, which cannot be compared but where they are URNs."""
    return len(has) > len(had) or any(isinstance(each, str) and each not in had for each in has)
