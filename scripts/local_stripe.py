"""Starts and stops the local Stripe that a stack on loopback deploys to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from . import ROOT

FOLDER = ROOT / ".local"
LOG = FOLDER / "stripe.log"
PID = FOLDER / "stripe.pid"
START_SECONDS = 15


def ensure(url: str) -> None:
    """Starts the local Stripe at `url` in the background unless it already answers. Raises SystemExit if it does not start."""
    if _answers(url):
        return
    FOLDER.mkdir(exist_ok=True)
    port = urlsplit(url).port or 80
    with LOG.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "stripe_local", "--port", str(port)],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # it outlives this command
        )
    PID.write_text(str(process.pid))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if _answers(url):
            print(f"Started the local Stripe on {url} (log: {LOG.relative_to(ROOT)}; `make stop` stops it).")
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise SystemExit(f"The local Stripe did not start on {url}: {LOG.read_text().strip() or 'no reason given'}")


def stop() -> None:
    """Stops the local Stripe that `ensure` started. Its data stays."""
    try:
        os.kill(int(PID.read_text()), signal.SIGTERM)
        print("Stopped the local Stripe; its data is kept.")
    except (FileNotFoundError, ProcessLookupError, ValueError):
        print("The local Stripe is not running.")
    PID.unlink(missing_ok=True)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_local/clock", timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as e:
        raise SystemExit(f"Something else answers on {url} (HTTP {e.code}); stop it, or use another port") from None
    except OSError:
        return False
