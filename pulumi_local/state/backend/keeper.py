"""Outlives an engine that is killed, and settles its log: `python keeper.py CHECKPOINT`.

So the checkpoint is whole a moment after a kill -9, for any program that reads it. It waits for the end of its standard input,
whose other end the engine has.
"""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[3])  # nothing should be imported from the folder of this script


def main() -> None:
    """Waits, then settles."""
    from pulumi_local.state.backend.log import settle

    sys.stdin.buffer.read()
    settle(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
