"""Writes stripe_local/wire/event_types.py, the names of Stripe's events, from the types of Stripe's SDK.

python -m scripts.event_types            writes it
python -m scripts.event_types --check    fails where it is stale
"""

from __future__ import annotations

import sys
from pathlib import Path

from stripe import params
from stripe.events import _event_classes as classes

from scripts.generated import run
from scripts.vocabulary import values_of

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "stripe_local" / "wire" / "event_types.py"

HEADER = '''\
"""The names of Stripe's events. Written by `python -m scripts.event_types` from the types of Stripe's SDK: do not edit."""
'''
SNAPSHOT = "What webhook endpoints are sent. https://docs.stripe.com/api/events/types"
THIN = "What event destinations for thin events are sent. https://docs.stripe.com/api/v2/core/events/event-types"


def document() -> str:
    """The whole file, formatted."""
    snapshot = set(values_of(params.WebhookEndpointCreateParams, "enabled_events")) - {"*"}
    thin = set(classes._V2_EVENT_CLASS_LOOKUP)
    return "\n".join([HEADER, *_list("SNAPSHOT", snapshot, SNAPSHOT), *_list("THIN", thin, THIN)])


def _list(name: str, values: set[str], text: str) -> list[str]:
    lines = "".join(f'        "{value}",\n' for value in sorted(values))
    return [f"{name} = frozenset(\n    {{\n{lines}    }}\n)", f'"""{text}"""\n']


if __name__ == "__main__":
    sys.exit(run(__doc__, "python -m scripts.event_types", TARGET, document))
