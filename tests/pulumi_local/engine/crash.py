"""Runs `up` in a lab, and kills itself with signal 9 at a given save: `python -m ... FOLDER SAVE before|after`."""

from __future__ import annotations

import os
import pathlib
import signal
import sys

from pulumi_local.interfaces import Deployment
from tests.pulumi_local.engine.lab import FileState, Lab


class Deadly(FileState):
    def __init__(self, path: pathlib.Path, fatal: int, before: bool) -> None:
        super().__init__(path)
        self.fatal, self.before = fatal, before

    def save(self, deployment: Deployment) -> None:
        if self.saves + 1 == self.fatal and self.before:
            os.kill(os.getpid(), signal.SIGKILL)
        super().save(deployment)
        if self.saves == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    folder, fatal, when = sys.argv[1:]
    lab = Lab(pathlib.Path(folder))
    lab.state = Deadly(lab.state.path, int(fatal), when == "before")
    result = lab.run()
    sys.exit(0 if result.ok else 1)


if __name__ == "__main__":
    main()
