"""Writes the table of docs/retiring.md, what a delete does to each kind of resource, from the kinds' docstrings.

python -m scripts.retiring_docs            writes it
python -m scripts.retiring_docs --check    fails where it is stale
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from scripts.generated import replaced, run
from scripts.resource_docs import page as page_of
from scripts.resource_docs import summary
from stripe_resources.register import KINDS, Schema

TARGET = Path(__file__).resolve().parents[1] / "docs" / "retiring.md"
COMMAND = "python -m scripts.retiring_docs"


def effect(schema: Schema) -> str:
    """What deleting it does, as the docstring of its class says. Raises SystemExit if it does not."""
    found = re.search(r"[Dd]eleting (it|the \w+) (.*)", summary(schema.resource))
    if found is None:
        raise SystemExit(f"the docstring of {schema.kind} has to say what a delete does: 'Deleting it archives it: …'")
    return found[2]


def written(page: str) -> str:
    """The page with its table as the docstrings say."""
    rows = [f"| [{schema.kind}]({page_of(schema.kind)}) | {effect(schema)} |" for schema, _ in KINDS.values()]
    return replaced(page, "kinds", COMMAND, "\n".join(["| resource | deleting it |", "|---|---|", *rows]))


if __name__ == "__main__":
    sys.exit(run(__doc__, COMMAND, TARGET, lambda: written(TARGET.read_text())))
