"""Writes the tables of docs/components.md, the arguments of a plan, from their declarations.

python -m scripts.component_docs            writes them
python -m scripts.component_docs --check    fails where they are stale
"""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.generated import replaced, run
from scripts.resource_docs import field_texts, nested, table, words
from stripe_components.declarations import PlanPrice, UsageBasedPlanArgs
from stripe_resources.declare import fields_of

TARGET = Path(__file__).resolve().parents[1] / "docs" / "components.md"
COMMAND = "python -m scripts.component_docs"
DECLARATIONS = {"plan": UsageBasedPlanArgs, "price": PlanPrice}
HERE: dict[type, str] = {PlanPrice: "[a price](#a-price)"}
"""What has a table on the same page; the rest is in docs/resources."""


def fields(declaration: type) -> str:
    """The table of what a declaration takes."""
    texts, inside = field_texts(declaration), nested(declaration)
    rows = []
    for name, field in fields_of(declaration).items():
        takes = ("**required**; " if field.required else "") + words(field.type, inside.get(name), HERE)
        rows.append([f"`{name}`", takes, texts.get(name, "")])
    return "\n".join(table(["argument", "takes", ""], rows))


def written(page: str) -> str:
    """The page with its tables as declared."""
    for name, declaration in DECLARATIONS.items():
        page = replaced(page, name, COMMAND, fields(declaration))
    return page


if __name__ == "__main__":
    sys.exit(run(__doc__, COMMAND, TARGET, lambda: written(TARGET.read_text())))
