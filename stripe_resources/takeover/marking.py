"""Which objects of a state are in another one by now, and the marks that hand them back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from stripe_client.client import Client
from stripe_client.errors import StripeError
from stripe_resources._core.lineage import there
from stripe_resources._core.objects import Objects
from stripe_resources._core.reads import Reads
from stripe_resources._core.values import ownership
from stripe_resources.orphans.state import Held
from stripe_resources.register import KINDS, Kind


def taken(client: Client, entries: Iterable[Held]) -> list[Held]:
    """Those of the entries whose objects are marked otherwise at Stripe. Only GET requests are sent, few where there are many."""
    look: dict[str, Callable[[Held], bool]] = {t: _looking(client, kind) for t, kind in KINDS.items() if kind.schema.tagged}
    return [entry for entry in entries if entry.token in look and look[entry.token](entry)]


def _looking(client: Client, kind: Kind) -> Callable[[Held], bool]:
    reads, objects = Reads(kind.schema, client), Objects(kind.behaviour, client)

    def look(entry: Held) -> bool:
        live = there(reads, objects, entry.id, entry.outputs)
        return live is not None and ownership.marked_otherwise(live, ownership.lineage_of(entry.outputs))

    return look


def hand_over(client: Client, entries: Sequence[Held]) -> list[str]:
    """Marks the objects as the state has them; what could not be, a line each."""
    failed = []
    for entry in entries:
        mark = ownership.lineage_of(entry.outputs) or ownership.UNMARKED
        try:
            Objects(KINDS[entry.token].behaviour, client).post(entry.id, {"metadata": {ownership.MARK: mark}}, entry.outputs)
        except StripeError as e:
            failed.append(f"{entry.label}: {e}")
    return failed
