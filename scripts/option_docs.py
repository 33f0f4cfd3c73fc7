"""Writes the tables of docs/options.md, what each of Pulumi's options does, from `stripe_resources.pulumi_options`.

python -m scripts.option_docs            writes them
python -m scripts.option_docs --check    fails where they are stale
"""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.generated import replaced, run
from scripts.resource_docs import table
from stripe_resources.pulumi_options import OPTIONS

TARGET = Path(__file__).resolve().parents[1] / "docs" / "options.md"
COMMAND = "python -m scripts.option_docs"
HEAD = ["option", "preview, up", "replacement", "refresh", "destroy", "lost state, crash"]


def done() -> list[str]:
    """The options that do something."""
    taken = {name: o for name, o in OPTIONS.items() if not o.instead}
    return table(HEAD, [[f"`{n}`", o.up, o.replacement, o.refresh, o.destroy, o.lost] for n, o in taken.items()])


def refused() -> list[str]:
    """The others."""
    return table(["refused", "instead"], [[f"`{name}`", option.instead] for name, option in OPTIONS.items() if option.instead])


def written(page: str) -> str:
    """The page with its tables as the data have it."""
    for name, lines in (("done", done()), ("refused", refused())):
        page = replaced(page, name, COMMAND, "\n".join(lines))
    return page


if __name__ == "__main__":
    sys.exit(run(__doc__, COMMAND, TARGET, lambda: written(TARGET.read_text())))
