"""What `pulumi preview --json` prints, in both forms, from a short description. Tests that run an engine hold it to be so."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from stripe_impact.computing.impact import Impact, impact
from stripe_impact.reading.changes import changes
from stripe_impact.reading.facts import Facts, subscription_of
from stripe_impact.reading.preview import Preview, read

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
STACK = {"urn": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", "type": "pulumi:pulumi:Stack", "custom": False}
METERED = {"interval": "month", "usage_type": "metered", "meter": "mtr_1"}
PRICE = {
    "currency": "usd",
    "product": "prod_1",
    "unit_amount": 4,
    "transform_quantity": {"divide_by": 100, "round": "up"},
    "recurring": METERED,
}
METER = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}


@dataclass(frozen=True)
class Change:
    """One step; `id` is that of the existing object, `more` further fields of its state."""

    op: str
    kind: str
    name: str
    id: str = ""
    old: dict[str, Any] | None = None
    new: dict[str, Any] | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def _state(self, values: dict[str, Any], id_: str, **more: Any) -> dict[str, Any]:
        type_ = f"pulumi-python:dynamic/stripe:{self.kind}"
        urn = f"urn:pulumi:dev::shop::{type_}::{self.name}"
        state = {"urn": urn, "type": type_, "custom": True, "inputs": {"__provider": "gASV", **values}, **more}
        return {**state, **({"id": id_, "outputs": {"__provider": "gASV", **values}} if id_ else {})}

    def states(self) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        old = self._state(self.old or {}, self.id, **self.more) if self.id else None
        return old, self._state(self.new, "") if self.new is not None else None


CONFIG = {"stripe:apiBase": "http://127.0.0.1:1"}


def text(*steps: Change, streaming: bool = False, config: dict[str, str] | None = None, **more: Any) -> str:
    """The output of a preview."""
    config = CONFIG if config is None else config
    if not streaming:
        shown = [{"op": "same", "urn": STACK["urn"], "oldState": STACK, "newState": STACK}]
        for step in steps:
            old, new = step.states()
            states = {**({"oldState": old} if old else {}), **({"newState": new} if new else {})}
            shown.append({"op": step.op, "urn": (new or old or {})["urn"], **states})
        return json.dumps({"config": config, "steps": shown, "duration": 1, "changeSummary": {"same": 1}, **more}, indent=4)
    events: list[dict[str, Any]] = [{"preludeEvent": {"config": config}}]
    for op, old, new in [("same", STACK, STACK), *((s.op, *s.states()) for s in steps)]:
        parts = ["create-replacement", "replace", "delete-replaced"] if op == "replace" else [op]
        for part in parts:
            metadata = {
                "op": part,
                "urn": (new or old or {})["urn"],
                "old": old,
                "new": None if part == "delete-replaced" else new,
            }
            events += [{name: {"metadata": metadata}} for name in ("resourcePreEvent", "resOutputsEvent")]
    events += [{"summaryEvent": {"result": "succeeded", "isPreview": True, **more}}, {"cancelEvent": {}}]
    return "".join(json.dumps({"sequence": i, "timestamp": 1, **event}) + "\n" for i, event in enumerate(events))


class Shop:
    """What Stripe has, for the pure part: prices, subscriptions and usage."""

    def __init__(self) -> None:
        self.facts = Facts()
        self.facts.meters["mtr_1"] = {"id": "mtr_1", "event_name": "tokens", "status": "active"}
        self.facts.products["prod_1"] = {"id": "prod_1", "unit_label": "token"}
        self.price("price_old", PRICE)

    def price(self, id_: str, params: dict[str, Any]) -> None:
        recurring = {"interval_count": 1, "usage_type": "licensed", **params["recurring"]}
        self.facts.prices[id_] = {"id": id_, "active": True, **params, "recurring": recurring}

    def subscribe(self, customer: str, *items: tuple[str, int], **fields: Any) -> str:
        """A subscription with these prices and quantities; the quantity of a metered one is its usage."""
        id_ = f"sub_{customer.removeprefix('cus_')}"
        data = []
        for position, (price, quantity) in enumerate(items or [("price_old", 0)]):
            item = {
                "id": f"si_{position}",
                "price": self.facts.prices[price],
                "current_period_start": 60,
                "current_period_end": 120,
            }
            meter = self.facts.prices[price]["recurring"].get("meter")
            data.append(item if meter else {**item, "quantity": quantity})
            if meter:
                self.facts.usage[meter, customer, 60, 120] = Decimal(quantity)
        stripe = {
            "id": id_,
            "customer": customer,
            "currency": "usd",
            "status": "active",
            "billing_mode": {"type": "flexible"},
            "metadata": {},
            "items": {"data": data},
            **fields,
        }
        self.facts.subscriptions[id_] = subscription_of(stripe)
        return id_

    def impact(self, *steps: Change) -> Impact:
        preview: Preview = read(text(*steps))
        return impact(preview, changes(preview), self.facts)
