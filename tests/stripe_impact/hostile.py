"""What the impact reads of files that somebody else writes."""

from __future__ import annotations

import io
import json
from pathlib import Path

from stripe_impact import command as impact_command
from stripe_impact.computing.impact import impact
from stripe_impact.errors import ImpactError
from stripe_impact.reading import preview as previews
from stripe_impact.reading import usage_file
from stripe_impact.reading.changes import changes
from stripe_sources import source as sources
from stripe_sources.errors import Unreadable
from tests.hostile.readers import PRICE, RESOURCE, URN, reader

STEP = {"op": "replace", "urn": URN, "oldState": RESOURCE, "newState": {**RESOURCE, "inputs": {**PRICE, "unit_amount": 7}}}
PREVIEW = {
    "config": {"stripe:apiBase": "http://127.0.0.1:9"},
    "steps": [STEP],
    "changeSummary": {"replace": 1},
    "diagnostics": [],
}


def _impact(path: Path) -> object:
    found = previews.read(impact_command._text(str(path)), str(path))
    wanted = changes(found)
    rows = usage_file.rows(io.BytesIO(b"customer,price,value\ncus_1,tokens,5\n"), "usage") if found.steps else []
    made = impact(found, wanted, usage_file.facts(rows, found, wanted, str(path)))
    return impact_command.text(made), impact_command.markdown(made), impact_command.data(made)


reader("preview", "preview.json", "json", PREVIEW, ImpactError)(_impact)

EVENTS = [
    {"sequence": 0, "preludeEvent": {"config": {"a:b": "c"}}},
    {"sequence": 1, "resourcePreEvent": {"metadata": {"op": "replace", "urn": URN, "old": RESOURCE, "new": RESOURCE}}},
    {"sequence": 2, "diagnosticEvent": {"severity": "info", "message": "well"}},
    {"sequence": 3, "summaryEvent": {"result": "succeeded", "isPreview": True}},
]
reader("preview, as events", "preview.json", "lines", EVENTS, ImpactError)(_impact)

USAGE = [{"customer": "cus_1", "price": "tokens", "value": 5}]


@reader("usage of the period", "usage.ndjson", "lines", USAGE, ImpactError)
def _(path: Path) -> object:
    found = previews.read(json.dumps(PREVIEW))
    return impact(found, changes(found), impact_command._from_file(str(path), found, changes(found)))


SOURCE = {
    "name": "requests",
    "window": "hour",
    "rows": {"files": "logs/*.ndjson"},
    "customer": {"column": "tenant", "join": {"files": "tenants.csv", "key": "tenant", "customer": "stripe_customer"}},
    "time": {"column": "at", "zone": "UTC"},
    "duplicates": {"columns": ["request_id"], "within_days": 3},
    "except": {"status": "error"},
    "meters": {"tokens": "a + b * 4", "requests": {"value": "count", "only": {"tier": "batch"}}},
}


@reader("source of usage", "source.yaml", "yaml", SOURCE, Unreadable)
def _(path: Path) -> object:
    return sources.read(path, {})
