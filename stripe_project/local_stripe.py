"""Starts and stops the local Stripe that a stack on loopback deploys to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import settings

START_SECONDS = 15


def ensure(url: str) -> None:
    """Starts the local Stripe at `url` in the background unless it already answers.

    Raises SystemExit if it does not start, and where another project's answers, unless STRIPE_API_BASE names it: two that deploy
    into one spoil each other's objects.
    """
    if running := _running(url):
        folder, pid = running["folder"], running["pid"]
        if Path(folder) != settings.root() and not os.environ.get("STRIPE_API_BASE"):
            raise SystemExit(
                f"{url} is the local Stripe of {folder} (process {pid}); stop that one (`kill {pid}`), set stripe:apiBase to "
                f"another port in the stack's settings, or share it on purpose: STRIPE_API_BASE={url}"
            )
        return
    log_file, pid_file = _files()
    log_file.parent.mkdir(exist_ok=True)
    port = urlsplit(url).port or 80
    with log_file.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "stripe_local", "--port", str(port)],
            cwd=settings.root(),
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # it outlives this command
        )
    pid_file.write_text(str(process.pid))
    try:
        _wait_until_it_answers(url, process)
    except BaseException:
        process.terminate()
        process.wait()
        pid_file.unlink(missing_ok=True)
        raise
    where = log_file.relative_to(settings.root())
    print(f"Started the local Stripe on {url} (log: {where}; {settings.typed('stop')} stops it).", flush=True)


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _running(url):
        if process.poll() is not None or time.monotonic() > deadline:
            reason = _files()[0].read_text().strip() or "no reason given"
            raise SystemExit(f"The local Stripe did not start on {url}: {reason}")
        time.sleep(0.05)


def stop() -> int:
    """Stops the local Stripe that `ensure` started. Its data stays. The exit code is 0, running or not."""
    _, pid_file = _files()
    try:
        os.kill(int(pid_file.read_text()), signal.SIGTERM)
        print("Stopped the local Stripe; its data is kept.")
    except (FileNotFoundError, ProcessLookupError, ValueError):
        print("The local Stripe is not running.")
    pid_file.unlink(missing_ok=True)
    return 0


def _files() -> tuple[Path, Path]:
    """The server's log, and the file with its process id."""
    folder = settings.root() / ".local"
    return folder / "stripe.log", folder / "stripe.pid"


def _running(url: str) -> dict[str, Any] | None:
    """The local Stripe that answers there, by its folder and process. Raises SystemExit where something else does."""
    try:
        with urllib.request.urlopen(f"{url}/_local/process", timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as e:
        said = f"HTTP {e.code}"
    except ValueError:
        said = "no JSON"
    except OSError:
        return None
    raise SystemExit(f"Something else answers on {url} ({said}); stop it, or use another port")
