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
HERE = {PlanPrice}
"""What has a table on the same page; the rest is in docs/resources.md."""


def fields(declaration: type) -> str:
    """The table of what a declaration takes."""
    texts, inside = field_texts(declaration), nested(declaration)
    rows = []
    for name, field in fields_of(declaration).items():
        takes = ("**required**; " if field.required else "") + words(field.type, inside.get(name))
        rows.append([f"`{name}`", _linked(takes, inside.get(name)), texts.get(name, "")])
    return "\n".join(table(["argument", "takes", ""], rows))


def _linked(takes: str, inside: type | None) -> str:
    if inside is None:
        return takes
    if inside in HERE:
        return takes.replace(f"[{inside.__name__}](#{inside.__name__.lower()})", "[a price](#a-price)")
    name = inside.__name__
    page = f"resources.md#{name.removesuffix('Args').lower()}"
    return takes.replace(f"[{name}](#{name.lower()})", f"[{name.removesuffix('Args')}]({page})")


def written(page: str) -> str:
    """The page with its tables as declared."""
    for name, declaration in DECLARATIONS.items():
        page = replaced(page, name, COMMAND, fields(declaration))
    return page


if __name__ == "__main__":
    sys.exit(run(__doc__, COMMAND, TARGET, lambda: written(TARGET.read_text())))
