"""What belongs to a stack at Stripe and is in no state, as `up` and `ci-drift` mention it. docs/orphans.md"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import settings

MOST_PAGES = 100
"""How many pages of a kind `up` looks through: 10,000 objects, which takes less than a minute."""


@dataclass(frozen=True)
class Looked:
    """What was found."""

    owned: list[dict[str, Any]] = field(default_factory=list)
    """The orphans, as `stripe-resources orphans --json` has them."""
    text: str = ""
    """The list for people."""
    problem: str = ""
    """Why nobody could look, or not for all; "" where that went well."""

    def line(self, stack: str) -> str:
        """How many there are and what shows them, or why nobody knows; "" where there are none."""
        shows, count, said = settings.typed("orphans", stack), len(self.owned), []
        if count:
            say = (
                "objects belong to this stack at Stripe and are" if count > 1 else "object belongs to this stack at Stripe and is"
            )
            said.append(f"{count} {say} in no state: {shows} shows more.")
        if self.problem:
            said.append(f"Orphans were not looked for ({shows} does): {self.problem}")
        return "\n".join(said)


def look(exported: str, stack: str, environment: Mapping[str, str], most_pages: int | None = None) -> Looked:
    """Looks at Stripe, with one paged list for each kind; not beyond `most_pages` of any of them.

    `exported` is what `pulumi stack export` wrote. Whatever is in the way is the result's `problem`. To no avail it is tried once
    where there is a limit, and again as often as any request where there is none.
    """
    # Here, since Pulumi's SDK comes with it, which takes longer to load than the rest.
    from stripe_client.client import Client
    from stripe_client.errors import StripeError
    from stripe_client.project import stack_of
    from stripe_resources.orphans import showing
    from stripe_resources.orphans.finding import orphans
    from stripe_resources.orphans.state import held

    try:
        to = stack_of(settings.root(), None, stack, environment)
        client, owner = Client(to.settings(environment)), f"{to.project}/{to.stack}"
        client = client.hasty() if most_pages else client
        known = {entry.key for entry in held(exported, f"what was exported of {stack}")}
        found = orphans(client, f"{owner}/", known, most_pages)
    except StripeError as e:
        return Looked(problem=str(e))
    problem = "; ".join(f"{kind}: {why}" for kind, why in found.unknown.items())
    return Looked(showing.data(found, owner)["owned"], showing.text(found, owner), problem)
