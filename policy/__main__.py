"""Serves the pack. Pulumi runs this folder as a program, with the folder itself on `sys.path`; the rules are beside it."""

import sys
from pathlib import Path

FOLDER = Path(__file__).absolute().parent
sys.path.insert(0, str(FOLDER.parent))

from stripe_policy import serve  # noqa: E402  # found by the line above

serve("hypernian-billing", FOLDER / "config")
