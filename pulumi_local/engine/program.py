"""The user's program, in a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping

from pulumi_local import environment
from pulumi_local.engine import processes
from pulumi_local.engine.errors import RunError
from pulumi_local.interfaces import ConfigValue, Project

_SAID = 32


class Program:
    """Runs the program, and says how it ended."""

    def __init__(
        self,
        project: Project,
        stack: str,
        config: Mapping[str, ConfigValue],
        address: str,
        *,
        preview: bool,
        parallel: int,
        log: processes.Log,
        ended: Callable[[str | None], None],
    ) -> None:
        """`ended` gets an error: None if all is well, empty if the program said what is wrong. Raises RunError."""
        if not (project.program / "__main__.py").exists():
            raise RunError(f"unable to find main python program `__main__.py` in `{project.program}`")
        self.error: str | None = None
        self._ended = ended
        self._stopped = False
        arguments = [address, address, project.name, stack, str(project.root), str(parallel), str(preview).lower()]
        arguments += [project.typechecker, "."]
        python = project.python
        command = [python.command, "-u", str(processes.CHILDREN / "run_program.py"), *arguments]
        try:
            self._process = processes.start(command, project.program, _configuration(config), python.virtualenv)
        except OSError as e:
            raise RunError(f"cannot run the program with {python.command}: {e.strerror}") from e
        self._threads = [
            processes.forward(self._process.stdout, "info", log),
            processes.forward(self._process.stderr, "info#err", log),
        ]
        self._waiter = threading.Thread(target=self._wait, daemon=True)
        self._waiter.start()

    def _wait(self) -> None:
        code = self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()  # until now it told the program that the engine is there
        for thread in self._threads:
            thread.join()
        if self._stopped:
            return
        if code:
            self.error = "" if code == _SAID else f"an unhandled error occurred: program exited with non-zero exit code: {code}"
        self._ended(self.error)

    def wait(self, seconds: float) -> bool:
        """Waits for the program to end by itself."""
        self._waiter.join(seconds)
        return not self._waiter.is_alive()

    def stop(self) -> None:
        """Ends it, whatever it does."""
        self._stopped = True
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._waiter.join()


def _configuration(config: Mapping[str, ConfigValue]) -> dict[str, str]:
    return {
        environment.CONFIG: json.dumps({k: v.value for k, v in config.items()}),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps([k for k, v in config.items() if v.secret]),
    }
