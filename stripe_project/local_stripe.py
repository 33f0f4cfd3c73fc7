"""Starts and stops the local Stripe that a stack on loopback deploys to."""

from __future__ import annotations

import contextlib
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

from . import children, settings

START_SECONDS = 15
URL = "http://127.0.0.1:12111"
"""Where the local Stripe is unless settings say otherwise."""


def ensure(url: str, home: str = URL) -> None:
    """Starts the local Stripe at `url` in the background unless it already answers.

    The one at `home`, where dev is, has its data in `.local/stripe.db`; one on another port has data of its own, in
    `.local/stripe-<port>.db`: one account has each event name and each lookup key once, so two stacks of one program need two.
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
    port = urlsplit(url).port or 80
    log_file, pid_file, db_file = _files("" if port == (urlsplit(home).port or 80) else f"-{port}")
    log_file.parent.mkdir(exist_ok=True)
    process: subprocess.Popen[bytes] | None = None
    try:
        with children.undisturbed(), log_file.open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "stripe_local", "--port", str(port), "--db", str(db_file)],
                cwd=settings.root(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # it outlives this command
            )
            pid_file.write_text(str(process.pid))
        _wait_until_it_answers(url, process, log_file)
    except BaseException:
        if process is not None:
            process.terminate()
            process.wait()
            pid_file.unlink(missing_ok=True)
        raise
    where = log_file.relative_to(settings.root())
    print(f"Started the local Stripe on {url} (log: {where}; {settings.typed('stop')} stops it).", flush=True)


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log_file: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _running(url):
        if process.poll() is not None or time.monotonic() > deadline:
            reason = log_file.read_text().strip() or "no reason given"
            raise SystemExit(f"The local Stripe did not start on {url}: {reason}")
        time.sleep(0.05)


def stop() -> int:
    """Stops what `ensure` started. The data stays. The exit code is 0, running or not."""
    stopped = []
    for pid_file in sorted(_folder().glob("stripe*.pid")):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
            os.kill(int(pid_file.read_text()), signal.SIGTERM)
            stopped.append(pid_file)
        pid_file.unlink(missing_ok=True)
    print("Stopped the local Stripe; its data is kept." if stopped else "The local Stripe is not running.")
    return 0


def _folder() -> Path:
    return settings.root() / ".local"


def _files(which: str) -> tuple[Path, Path, Path]:
    """The server's log, the file with its process id, and its data."""
    return _folder() / f"stripe{which}.log", _folder() / f"stripe{which}.pid", _folder() / f"stripe{which}.db"


def _running(url: str) -> dict[str, Any] | None:
    """The local Stripe that answers there, by its folder and process. Raises SystemExit where something else does."""
    try:
        with urllib.request.urlopen(f"{url}/_local/process", timeout=5) as answer:  # noqa: S310 (http, on loopback)
            found: dict[str, Any] = json.load(answer)
        if isinstance(found, dict) and isinstance(found.get("folder"), str) and isinstance(found.get("pid"), int):
            return found
        said = "JSON of its own"
    except urllib.error.HTTPError as e:
        said = f"HTTP {e.code}"
    except (ValueError, RecursionError):
        said = "no JSON"
    except OSError:
        return None
    raise SystemExit(f"Something else answers on {url} ({said}); stop it, or use another port")
