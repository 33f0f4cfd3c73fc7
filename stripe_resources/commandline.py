"""Whether the command that runs was told to replace a resource (`pulumi up --replace URN`).

A forced replacement reaches a dynamic provider exactly as the creation of a new resource does: a check without old inputs, then
a create. Yet the two must end differently where Stripe still remembers the idempotency key: a run that died gets its object
back, a forced replacement must not get the very object that is about to be retired. The command line is the only place that
tells. See docs/decisions/0005-idempotency.md.
"""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Iterable, Sequence

from ._core.values.ownership import parts_of

FLAGS = ("--replace", "--target-replace")


def asked_to_replace(owner: str) -> bool:
    """Whether a process above this one was given --replace or --target-replace with the URN of this owner.

    `owner` is project/stack/Kind/name, see `stripe_resources.resource`.
    """
    return any(matches(urn, owner) for urn in _urns_above())


def urns_in(command: Sequence[str]) -> Iterable[str]:
    """The URNs, or patterns for them, that a command line asks to replace."""
    for i, argument in enumerate(command):
        flag, given, value = argument.partition("=")
        if flag in FLAGS:
            yield from (value if given else command[i + 1] if i + 1 < len(command) else "").split(",")


def matches(urn: str, owner: str) -> bool:
    """Whether a URN, or a pattern for URNs, is that of the owner. In patterns, * stands for anything."""
    project, stack, _ = owner.split("/", 2)
    path, name = parts_of(owner)
    parents, _, kind = path.rpartition("$")
    # An owner can do without its parents, see `resource._at_the_top`; then they are not told apart here.
    prefix = f"urn:pulumi:{stack}::{project}::"
    suffix = f"{parents and parents + '$'}pulumi-python:dynamic/stripe:{kind}::{name}"
    return any(fnmatch.fnmatchcase(candidate, urn) for candidate in (prefix + suffix, prefix + "$" + suffix)) or (
        urn.startswith(prefix) and urn.endswith("$" + suffix)
    )


@functools.cache
def _urns_above() -> tuple[str, ...]:
    import psutil  # only here, and only where an object is created

    found: list[str] = []
    for process in psutil.Process().parents():
        try:
            found += urns_in(process.cmdline())
        except psutil.Error:
            continue  # gone meanwhile, or somebody else's
    return tuple(found)
