"""Writes the tables of docs/settings.md and docs/commands.md, from the settings themselves, Pulumi.yaml and the Makefile.

python -m scripts.lookup_docs            writes them
python -m scripts.lookup_docs --check    fails where they are stale
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import yaml

from scripts.generated import replaced, run_all
from scripts.resource_docs import table
from stripe_client.settings import KEYS

ROOT = Path(__file__).resolve().parents[1]
COMMAND = "python -m scripts.lookup_docs"


def tables() -> dict[str, dict[str, list[str]]]:
    """The tables by page and name."""
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    catalogue = [
        [
            f"`{declared['name']}:{key}`",
            of["type"],
            default(of),
            of["description"],
        ]
        for key, of in declared["config"].items()
    ]
    targets = re.findall(r"^([a-z-]+):.*## (.*)", (ROOT / "Makefile").read_text(), flags=re.M)
    return {
        "settings.md": {
            "keys": table(["setting", "is"], [[f"`{key}`", text] for key, text in KEYS.items()]),
            "catalogue": table(["setting", "type", "default", "is"], catalogue),
        },
        "commands.md": {"targets": table(["command", "does"], [[f"`make {name}`", text] for name, text in targets])},
    }


def default(declared: dict[str, object]) -> str:
    """A setting's default, as it is written in YAML."""
    if "default" not in declared:
        return "**required**"
    value = declared["default"]
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def texts() -> dict[Path, str]:
    """The pages with their tables as they should be."""
    found = {}
    for page, by_name in tables().items():
        path = ROOT / "docs" / page
        found[path] = path.read_text()
        for name, rows in by_name.items():
            found[path] = replaced(found[path], name, COMMAND, "\n".join(rows))
    return found


if __name__ == "__main__":
    sys.exit(run_all(__doc__, COMMAND, texts))
