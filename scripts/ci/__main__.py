"""python -m scripts.ci preview|deploy|drift --stack staging; python -m scripts.ci comment|issue."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from scripts import ROOT

from . import commands
from .commands import Failed


def main() -> int:
    """Runs one command; returns 1 if something is wrong, after saying so on standard error."""
    parser = argparse.ArgumentParser("scripts.ci", description=__doc__)
    parser.add_argument("command", choices=["preview", "comment", "deploy", "drift", "issue"])
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("CI_OUT") or ROOT / "ci-out"))
    parser.add_argument("--pull-request", default="", help="its number; without it the comment is written, and not posted")
    given = parser.parse_args()
    try:
        if given.command == "comment":
            commands.comment(given.out, given.pull_request)
        elif given.command == "issue":
            commands.issue(given.out)
        else:
            run = {"preview": commands.preview, "deploy": commands.deploy, "drift": commands.drift}[given.command]
            run(given.out, given.stack)
    except Failed as e:
        print(f"error: {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
