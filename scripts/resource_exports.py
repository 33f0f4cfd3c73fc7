"""Writes stripe_resources/__init__.py, the typed names that programs import, from the files in stripe_resources/kinds/.

python -m scripts.resource_exports            writes it
python -m scripts.resource_exports --check    fails where it is stale
"""

from __future__ import annotations

import ast
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from scripts.generated import run

PACKAGE = Path(__file__).resolve().parents[1] / "stripe_resources"
TARGET = PACKAGE / "__init__.py"
COMMAND = "python -m scripts.resource_exports"
ERRORS = ("ConfigurationError", "Refused", "StripeError", "Unreachable")

TEXT = '''\
"""Stripe billing as Pulumi resources:
{kinds}

Arguments have Stripe's names and shapes. What is wrong with them is said by `pulumi preview`, all at once and before any request.
The account is chosen by configuration: `stripe:apiKey` (or STRIPE_API_KEY, which wins), `stripe:livemode`, `stripe:account`,
`stripe:apiBase` (or STRIPE_API_BASE).

Written by `python -m scripts.resource_exports`.
"""

from stripe_client.errors import {errors}

from .configuration import require_known_settings
{imports}
from .resource import StripeResource

__all__ = [
{names}
]

for _error in ({errors}):
    _error.__module__ = __name__  # users read this name before every error that the provider host reports
'''


def kinds(folder: Path = PACKAGE / "kinds") -> Iterator[tuple[str, str]]:
    """(module, kind) of each file. Raises SystemExit for a file without the two classes that programs import."""
    for path in sorted(folder.glob("[!_]*.py")):
        classes = {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)}
        kind = path.stem.title().replace("_", "")
        if not {kind, f"{kind}Args"} <= classes:
            raise SystemExit(f"{path.name} needs the classes {kind} and {kind}Args; a name for several kinds begins with _")
        yield path.stem, kind


def text() -> str:
    """The module's text."""
    found = list(kinds())
    classes = [name for _, kind in found for name in (kind, f"{kind}Args")]
    names = [*sorted([*classes, *ERRORS, "StripeResource"]), "require_known_settings"]
    listed = ", ".join(f"`{kind}`" for _, kind in found) + "."
    return TEXT.format(
        kinds=textwrap.fill(listed, 130),
        errors=", ".join(ERRORS),
        imports="\n".join(f"from .kinds.{module} import {kind}, {kind}Args" for module, kind in found),
        names="\n".join(f'    "{name}",' for name in names),
    )


if __name__ == "__main__":
    sys.exit(run(__doc__, COMMAND, TARGET, text))
