"""The report as JSON, for programs. Amounts are whole numbers of minor units; what may be a fraction of one is text."""

from __future__ import annotations

import json
from typing import Any

from stripe_impact.computing.bills import Bill, Line, Part
from stripe_impact.computing.impact import Impact

VERSION = 2


def data(impact: Impact) -> str:
    """The whole report, with every bill."""
    document = {
        "version": VERSION,
        "project": impact.project,
        "stack": impact.stack,
        "source": impact.source,
        "verdict": impact.verdict,
        "notices": [{"level": n.level, "text": n.text} for n in impact.notices],
        "prices": [{**vars(p), "fields": list(p.fields)} for p in impact.prices],
        "others": [{**vars(o), "fields": list(o.fields)} for o in impact.others],
        "totals": [
            {
                **{k: v for k, v in vars(t).items() if k not in ("medians", "present")},
                "change": t.change,
                "this_period": vars(t.present),
                "median": None if t.medians is None else {k: f"{v:f}" for k, v in vars(t.medians).items()},
            }
            for t in impact.totals
        ],
        "bills": [_bill(b) for b in impact.bills],
        "uncounted": [vars(u) for u in impact.uncounted],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _bill(bill: Bill) -> dict[str, Any]:
    return {
        "customer": bill.customer,
        "currency": bill.currency,
        "before": bill.before,
        "after": bill.after,
        "change": bill.change,
        "if_moved": bill.if_moved,
        "this_period": vars(bill.present),
        "subscriptions": [_part(p) for p in bill.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "id": part.subscription,
        "status": part.status,
        "what": part.kind,
        "why": part.reason,
        "before": [_line(line) for line in part.before],
        "after": [_line(line) for line in part.after],
        "if_moved": [_line(line) for line in part.if_moved],
        "this_period": vars(part.present),
        "charged": part.charged,
    }


def _line(line: Line) -> dict[str, Any]:
    return {"price": line.price, "amount": line.amount, "invoice": line.once, "words": line.words}
