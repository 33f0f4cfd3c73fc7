"""One account of the server: what is known of it beside its objects, which the store keeps."""

from __future__ import annotations

from stripe_local.store.accounts import scopes
from stripe_local.store.clock import Clock
from stripe_local.wire.operation import Settings

from .faults import Faults
from .recorder import Recorder
from .stats import Stats


class Account:
    """An account's clock, its faults on order, and what is known about its requests."""

    def __init__(self, number: int, settings: Settings, offset: float = 0.0) -> None:
        self.number = number
        self.settings = settings
        self.scopes = scopes(number)
        self.clock = Clock(offset)
        self.recorder = Recorder()
        self.stats = Stats()
        self.faults = Faults()
        self.due: float | None = None
        """When time next makes something happen (Unix seconds by its clock), or None."""

    def scope(self, livemode: bool) -> int:
        """Where the objects of that mode are."""
        return self.scopes[livemode]

    def is_due(self) -> bool:
        """Whether time has made something happen: a period ended, an invoice is to be finalized."""
        return self.due is not None and self.clock.precise() >= self.due
