"""What policies read of files that somebody else writes."""

from __future__ import annotations

from pathlib import Path

from tests.hostile.readers import EXPORT, LEVELS, reader


@reader("levels of an environment", "policy/config/qa.json", "json", LEVELS, ValueError)
def _(path: Path) -> object:
    from stripe_policy import _levels, discover

    return _levels.read(path, discover())


APPROVED = [{"price": "tokens", "from": "1 USD per unit", "to": "2 USD per unit"}]


@reader("approvals of changes", "approvals.json", "json", APPROVED, UnicodeDecodeError, IsADirectoryError, names="")
def _(path: Path) -> object:
    from stripe_policy._approvals import Change, entries
    from stripe_policy._resources import PROVIDER
    from tests.stripe_policy.arguments import in_stack

    stack = in_stack("Price", {"policy:approvedPriceChanges": path.read_text(encoding="utf-8")})
    stack.resource_type = PROVIDER
    return entries(stack), Change("tokens", "a", "b").is_approved(stack)


@reader("state before, for policies", "before.json", "json", EXPORT)
def _(path: Path) -> object:
    from stripe_policy import _past

    _past._read.cache_clear()
    found = _past._read(path, path.name, 0, "dev", "shop")
    assert not found.problem or found.problem.startswith(path.name)
    return found.resources
