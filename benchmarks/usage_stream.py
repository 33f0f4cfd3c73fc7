"""How fast `usage record` sends events to a Stripe that does no work: the client alone, on this machine.

python -m benchmarks.usage_stream --events 200000 --profile
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FAST = "1000000"
SHOWN = 30


def main() -> int:
    """Measures; the exit code of what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--customers", type=int, default=100)
    parser.add_argument("--one-by-one", action="store_true", help="v1 instead of the stream")
    parser.add_argument("--profile", action="store_true", help="where the time of the main thread goes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="usage") as name:
        return _measured(arguments, Path(name))


def _measured(arguments: argparse.Namespace, folder: Path) -> int:
    python = [sys.executable, "-X", "faulthandler"]
    made = ["-m", "usage", "generate", "--customers", str(arguments.customers), "--events", str(arguments.events)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([*python, *made, "--out", "events.ndjson"], cwd=folder, env=environment, check=True)
    server = subprocess.Popen([*python, "-m", "benchmarks.idle_server"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        environment |= {"STRIPE_API_BASE": f"http://127.0.0.1:{server.stdout.readline().strip()}", "STRIPE_API_KEY": ""}
        profile = ["-m", "cProfile", "-s", "tottime"] if arguments.profile else []
        command = [*python, *profile, "-m", "usage", "record", "--event-name", "idle", "events.ndjson", "--quiet"]
        command += ["--requests-per-second", FAST, *([] if arguments.one_by_one else ["--stream"])]
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
    finally:
        server.kill()
        server.wait()
        assert server.stdout is not None
        server.stdout.close()
    print("\n".join(said.splitlines()[:SHOWN]))
    print(
        f"{arguments.events / seconds:,.0f} events/s in {seconds:.1f} s, start included; "
        f"CPU {used.ru_utime:.1f} s user, {used.ru_stime:.1f} s system; {used.ru_maxrss / 1024:.0f} MiB at most"
    )
    return process.returncode


if __name__ == "__main__":
    sys.exit(main())
