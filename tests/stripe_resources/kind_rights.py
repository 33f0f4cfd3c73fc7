"""Writes the table of docs/keys.md: which of Stripe's permissions each kind of resource needs.

python -m tests.stripe_resources.kind_rights            writes it
python -m tests.stripe_resources.kind_rights --check    fails where it is stale

Each kind's sample is made, changed, read and retired with a restricted key, as `scripts.rights_docs` does with commands.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from scripts.generated import replaced, run
from scripts.rights_docs import TARGET, Rights, Tried, least, tried, without_implied
from stripe_client.errors import StripeError
from stripe_local.testing import LocalStripe
from stripe_local.wire.rights import Rights as Held

from .run import Run
from .sample import REPLACES, Drift, Sample, Values
from .samples import SAMPLES
from .world import World

COMMAND = "python -m tests.stripe_resources.kind_rights"
COLUMNS = ["resource", "to read it: `refresh`", "to make, change and retire it: `up`, `destroy`"]
WRITING = ("make", "change", "retire")
NOTHING = "nothing"


class _Trial:
    """One kind's sample in an account of its own, made by a key that may do everything."""

    def __init__(self, server: LocalStripe, sample: Sample, act: str) -> None:
        self.account = server.account()
        self._sample, self._act = sample, act
        self._world = World(self.account)
        self._case = _changed(sample) if act == "change" else None
        args = (
            sample.args if self._case is None else {**sample.args, **(self._case.base or {}), self._case.field: self._case.ours}
        )
        self._args = self._world.filled(args)
        self._id, self._outputs = ("", Values()) if act == "make" else Run(self.account).create(sample.kind, "it", self._args)

    def do(self, permissions: Iterable[str]) -> Tried:
        key = self.account.restricted_key(*permissions)
        theirs = self._world.filled(self._case.theirs) if self._case else None
        self.account.forget_requests()
        limited, kind = Run(self.account, key=key), self._sample.kind
        said = ""
        try:
            if self._act == "make":
                limited.create(kind, "it", self._args)
            elif self._act == "read":
                assert limited.read(kind, self._id, self._outputs) is not None
            elif self._case is not None:
                assert limited.update(kind, self._id, self._outputs, {**self._args, self._case.field: theirs}) is not None
            else:
                limited.handler(kind).delete(self._id, self._outputs)
        except StripeError as error:
            said = str(error)
        return tried(self.account, failed=bool(said), said=said)


def _changed(sample: Sample) -> Drift | None:
    """A field that an update changes by itself; None where nothing does."""
    return next(
        (case for case in sample.mutable if not case.along and case.theirs is not None and case.left is not REPLACES), None
    )


def of_act(server: LocalStripe, sample: Sample, act: str) -> Rights:
    """What one of `make`, `change`, `read` and `retire` needs. Raises SystemExit as `least` does."""
    return least(f"{sample.kind}, to {act} it", lambda permissions: _Trial(server, sample, act).do(permissions))


def row(server: LocalStripe, sample: Sample) -> list[str]:
    """The row of a kind."""
    acts = [act for act in WRITING if act != "change" or _changed(sample)]
    reading, *writing = (of_act(server, sample, act) for act in ("read", *acts))
    soft = {one for rights in (reading, *writing) for one in rights.does_without}
    if soft:
        raise SystemExit(f"{sample.kind} does without {sorted(soft)}, for which the table has no column")
    needed = without_implied({one for rights in writing for one in rights.needs})
    cells = (", ".join(f"`{one}`" for one in sorted(_least(each))) or NOTHING for each in (set(reading.needs), needed))
    return [f"`{sample.kind}`", *cells]


def _least(permissions: set[str]) -> set[str]:
    """Without what the others imply."""
    return {one for one in permissions if one not in Held(frozenset(permissions - {one}), "", "", "").held()}


def written(page: str) -> str:
    """The page with the table as it is measured."""
    with LocalStripe() as server:
        found = [row(server, SAMPLES[kind]) for kind in sorted(SAMPLES)]
    lines = [f"| {' | '.join(cells)} |" for cells in (COLUMNS, ["---"] * len(COLUMNS), *found)]
    return replaced(page, "kinds", COMMAND, "\n".join(lines))


if __name__ == "__main__":
    page: Path = TARGET
    sys.exit(run(__doc__, COMMAND, page, lambda: written(page.read_text())))
