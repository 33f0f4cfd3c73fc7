"""One update with every pair of parameters, from every state, in both billing modes and with each proration behavior.

What Stripe's pages say becomes of it is worked out here, in days: the subscription begins on the first of June, a month of 30
days, and is updated on the 16th. https://docs.stripe.com/api/subscriptions/update and, below
docs.stripe.com/billing/subscriptions: prorations, billing-cycle, trials, pause-payment, cancel, billing-mode/compare.

Left out is what they do not say: a subscription that is paused and is to end with a period that is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

import pytest

from tests.sampling import ALL, THOROUGH, spread
from tests.stripe_local.guide import refusal
from tests.stripe_local.server import LocalStripe
from tests.stripe_local.shop import DAY, Shop, moment

BEGIN = moment("2027-06-01")
NOW, PERIOD_END, NEXT_PERIOD_END = 15, 30, 45
TRIAL_END, CANCEL_AT, PRORATION_DATE, PAUSED_AT = 20, 25, 10, 9
AMOUNT, DEARER, QUANTITY, FEE, LEAST = 300, 900, 3, 70, 50

MODES = ("flexible", "classic")
STATES = ("active", "canceling", "trialing", "cardless", "paused", "past_due")
"""`cardless` is a trial of a customer without a payment method; what is `past_due` began a month before, and its card fails."""
BEHAVIORS = ("create_prorations", "always_invoice", "none")

EDITS: dict[str, dict[str, Any]] = {
    "trial_end": {"trial_end": BEGIN + TRIAL_END * DAY},
    "trial_end=now": {"trial_end": "now"},
    "price": {"items": [{"price": "dearer"}]},
    "quantity": {"items": [{"quantity": QUANTITY}]},
    "billing_cycle_anchor": {"billing_cycle_anchor": {"type": "now"}},
    "proration_date": {"proration_date": BEGIN + PRORATION_DATE * DAY},
    "add_invoice_items": {"add_invoice_items": [{"price": "fee"}]},
    "default_payment_method": {"default_payment_method": "pm_card_mastercard"},
    "collection_method": {"collection_method": "send_invoice", "days_until_due": 14},
    "trial_settings": {"trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}}},
    "pause_collection=void": {"pause_collection": {"behavior": "void"}},
    "pause_collection=keep_as_draft": {"pause_collection": {"behavior": "keep_as_draft"}},
    "metadata": {"metadata": {"team": "data"}},
    "cancel_at": {"cancel_at": BEGIN + CANCEL_AT * DAY},
    "cancel_at_period_end": {"cancel_at_period_end": True},
}
_KEPT = ("collection_method", "days_until_due", "metadata", "pause_collection", "trial_settings")
_PREVIEWED = ("trial_end", "items", "billing_cycle_anchor", "proration_date", "metadata", "cancel_at", "cancel_at_period_end")


class Cell(NamedTuple):
    mode: str
    state: str
    behavior: str
    edits: frozenset[str]

    @property
    def name(self) -> str:
        return " ".join([self.mode, self.state, self.behavior, *sorted(self.edits)])


class Outcome(NamedTuple):
    """Moments in days since the beginning; amounts sorted; `invoice` and its status are None where there is none."""

    status: str
    billing_cycle_anchor: int
    current_period_end: int
    cancel_at: int | None
    pending: list[int]
    invoice: list[int] | None
    invoice_status: str | None


def _cells() -> Iterator[Cell]:
    excluded = ({"trial_end", "trial_end=now"}, {"cancel_at", "cancel_at_period_end"}, set(filter(_pauses, EDITS)))
    pairs = [{one} for one in EDITS] + [{one, other} for one, other in combinations(EDITS, 2) if {one, other} not in excluded]
    for mode in MODES:
        for state in STATES:
            for edits in pairs:
                if state == "paused" and "cancel_at_period_end" in edits and "trial_end" not in edits:
                    continue
                yield from (Cell(mode, state, behavior, frozenset(edits)) for behavior in BEHAVIORS)


def _pauses(edit: str) -> bool:
    return edit.startswith("pause_collection")


CELLS = list(_cells())


def expected(cell: Cell) -> Outcome | str:
    """What becomes of the subscription; or `refused`, or `canceled`, which is the end of it."""
    mode, state, behavior, edits = cell
    billed, trial = state in ("active", "canceling", "past_due"), state in ("trialing", "cardless")
    begins_trial, ends_trial = "trial_end" in edits, trial and "trial_end=now" in edits
    resets = billed and "billing_cycle_anchor" in edits and not begins_trial
    payable = state not in ("cardless", "paused", "past_due") or bool({"default_payment_method", "collection_method"} & edits)
    if ends_trial and not payable and "trial_settings" in edits:
        return "canceled"
    if ends_trial and not payable and not any(map(_pauses, edits)):
        return "refused"

    ordinary = {"paused": ("paused", PAUSED_AT, PAUSED_AT), "past_due": ("past_due", -31, PERIOD_END)}
    status, anchor, end = ordinary.get(state, ("active", 0, PERIOD_END))
    if trial:
        status, anchor = "trialing", PERIOD_END
    if begins_trial:
        status, anchor, end = "trialing", TRIAL_END, TRIAL_END
    elif ends_trial or resets:
        status, anchor, end = "past_due" if state == "past_due" else "active", NOW, NEXT_PERIOD_END
    elif trial and mode == "classic" and "cancel_at" in edits:
        end = CANCEL_AT  # and so does the trial
    cancel_at = CANCEL_AT if "cancel_at" in edits else None
    if cancel_at is None and (state == "canceling" or "cancel_at_period_end" in edits):
        cancel_at = end

    amount = (DEARER if "price" in edits else AMOUNT) * (QUANTITY if "quantity" in edits else 1)
    until, since = min(cancel_at or PERIOD_END, PERIOD_END), PRORATION_DATE if "proration_date" in edits else NOW
    prorations = []
    if billed and behavior != "none":
        if begins_trial or resets or amount != AMOUNT:
            prorations.append(-AMOUNT * (PERIOD_END - since) // 30)
        elif until < PERIOD_END:
            prorations.append(-AMOUNT * (PERIOD_END - until) // 30)
        if amount != AMOUNT and not begins_trial and not resets:
            prorations.append(amount * (until - since) // 30)
    new_period = [amount * ((cancel_at or NEXT_PERIOD_END) - NOW) // 30] if ends_trial or resets else []
    waiting = [*prorations, *([FEE] if "add_invoice_items" in edits else [])]
    # Classic mode bills at once whatever waits, flexible mode only what the change itself costs; nothing is billed in a pause.
    at_once = behavior == "always_invoice" and (prorations or (mode == "classic" and waiting and status != "paused"))
    if not new_period and not at_once:
        return Outcome(status, anchor, end, cancel_at, sorted(waiting), None, None)
    invoice = sorted([*waiting, *new_period])
    collected = _collected(cell, sum(invoice), payable)
    if status == "past_due" and (collected == "paid" or (collected == "open" and "collection_method" in edits)):
        status = "active"  # it follows from the latest invoice that is final
    return Outcome(status, anchor, end, cancel_at, [], invoice, collected)


def _collected(cell: Cell, total: int, payable: bool) -> str:
    if "pause_collection=void" in cell.edits:
        return "void"
    if "pause_collection=keep_as_draft" in cell.edits:
        return "draft"
    if total < LEAST:
        return "paid"
    return "paid" if payable and "collection_method" not in cell.edits else "open"


@pytest.fixture(scope="module")
def shop(shared_server: LocalStripe) -> Shop:
    shared_server.reset()
    shared_server.clock(set=BEGIN)
    shared_server.http("POST", "/_local/collection", json={"retries": 0})
    return Shop(shared_server, shared_server.client())


@pytest.fixture(scope="module")
def prices(shop: Shop) -> dict[str, str]:
    return {"plain": shop.price(AMOUNT), "dearer": shop.price(DEARER), "fee": shop.price(FEE, None)}


def _begun(shop: Shop, cell: Cell, price: str) -> Any:
    more: dict[str, Any] = {
        "canceling": {"cancel_at_period_end": True},
        "trialing": {"trial_end": BEGIN + PERIOD_END * DAY},
        "cardless": {"trial_end": BEGIN + PERIOD_END * DAY},
        "paused": {
            "trial_end": BEGIN + PAUSED_AT * DAY,
            "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}},
        },
    }.get(cell.state, {})
    if cell.state == "past_due":
        shop.server.clock(set=BEGIN - 31 * DAY)
        made = shop.subscribe(price, billing_mode={"type": cell.mode})
        shop.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": made.customer})
        failing: Any = {"invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFail"}}
        shop.v1.customers.update(made.customer, failing)
        return made
    return shop.subscribe(price, card=cell.state not in ("cardless", "paused"), billing_mode={"type": cell.mode}, **more)


def _params(cell: Cell, item: str, prices: dict[str, str]) -> dict[str, Any]:
    params: dict[str, Any] = {"proration_behavior": cell.behavior}
    for name in cell.edits:
        for key, value in EDITS[name].items():
            if isinstance(value, list):
                value = [{**value[0], **params.get(key, [{}])[0]}]
            params[key] = value
    for key in {"items", "add_invoice_items"} & params.keys():
        (first,) = params[key]
        named = {"price": prices[first["price"]]} if "price" in first else {}
        params[key] = [{**first, **named, **({"id": item} if key == "items" else {})}]
    return params


def _previewed(shop: Shop, subscription: Any, params: dict[str, Any]) -> Any:
    details = {name: params[name] for name in ("proration_behavior", *_PREVIEWED) if name in params}
    wanted: Any = {"subscription": subscription.id, "subscription_details": details}
    if "add_invoice_items" in params:
        wanted["invoice_items"] = params["add_invoice_items"]
    return shop.v1.invoices.create_preview(wanted)


def _day(moment: int | None) -> int | None:
    return None if moment is None else round((moment - BEGIN) / DAY)


def _lines(invoice: Any) -> list[int]:
    return sorted(line.amount for line in invoice.lines.data)


@pytest.mark.parametrize(
    "cell", CELLS if ALL else spread(CELLS, 600 if THOROUGH else 30), ids=lambda cell: cell.name.replace("/", " ")
)
def test_an_update_is_one_thing(shop: Shop, prices: dict[str, str], cell: Cell) -> None:
    shop.server.clock(set=BEGIN)
    made = _begun(shop, cell, prices["plain"])
    shop.server.clock(set=BEGIN + NOW * DAY)
    before = {invoice.id for invoice in shop.invoices(made)}
    params = _params(cell, made.items.data[0].id, prices)
    wanted = expected(cell)
    if wanted == "refused":
        assert refusal(shop.update, made, **params).code == "resource_missing"
        found = shop.v1.subscriptions.retrieve(made.id)
        assert (found.status, dict(found.metadata.to_dict()), shop.invoices(made), shop.pending(made)) == ("trialing", {}, [], [])
        return
    preview = None if wanted == "canceled" else _previewed(shop, made, params)
    changed = shop.update(made, **params)
    invoices = [invoice for invoice in shop.invoices(made) if invoice.id not in before]
    if wanted == "canceled":
        assert (changed.status, invoices) == ("canceled", [])
        return
    assert isinstance(wanted, Outcome)
    assert len(invoices) <= 1
    item = changed.items.data[0]
    assert wanted == Outcome(
        changed.status,
        _day(changed.billing_cycle_anchor),  # type: ignore[arg-type]
        _day(item.current_period_end),  # type: ignore[arg-type]
        _day(changed.cancel_at),
        shop.pending(made),
        _lines(invoices[0]) if invoices else None,
        invoices[0].status if invoices else None,
    )
    assert changed.default_payment_method is not None or "default_payment_method" not in params
    shown = changed.to_dict()
    assert all(_within(params[name], shown[name]) for name in _KEPT if name in params)
    assert (item.price.unit_amount, item.quantity) == (
        DEARER if "price" in cell.edits else AMOUNT,
        QUANTITY if "quantity" in cell.edits else 1,
    )
    if invoices:
        only_the_fee = wanted.invoice == [FEE]  # which a preview is not told as part of the update
        assert only_the_fee or (_lines(preview), preview.total) == (_lines(invoices[0]), invoices[0].total)
    else:
        following = shop.v1.invoices.create_preview({"subscription": made.id})
        assert (_lines(preview), preview.total) == (_lines(following), following.total)


def test_what_is_incomplete_waits_for_its_first_payment(shop: Shop, prices: dict[str, str]) -> None:
    """api/subscriptions/object#subscription_object-status: only metadata, and how it is paid, can be updated."""
    made = shop.subscribe(prices["plain"], card=False, payment_behavior="default_incomplete")
    item = made.items.data[0].id
    for cell in CELLS:
        if (cell.mode, cell.state, cell.behavior) != ("flexible", "active", "create_prorations"):
            continue
        params = _params(cell, item, prices)
        if cell.edits <= {"default_payment_method", "metadata"}:
            assert shop.update(made, **params).status == "incomplete"
        else:
            assert refusal(shop.update, made, **params).http_status == 400
            details = {name: params[name] for name in _PREVIEWED if name in params}
            if cell.edits & details.keys() - {"metadata"}:
                assert refusal(shop.preview, made, **details).http_status == 400
    found = shop.v1.subscriptions.retrieve(made.id)
    assert (found.status, found.items.data[0].quantity, found.cancel_at, shop.pending(made)) == ("incomplete", 1, None, [])


def _within(sent: Any, shown: Any) -> bool:
    if isinstance(sent, dict):
        return all(_within(value, shown[name]) for name, value in sent.items())
    return bool(sent == shown)
