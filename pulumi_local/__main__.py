"""`python -m pulumi_local`."""

from __future__ import annotations

import signal
import sys

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # else a Ctrl-C while modules are imported is a stack trace

try:
    from pulumi_local.cli import main
except ModuleNotFoundError as e:
    sys.exit(f"pulumi_local needs {e.name}: pip install 'pulumi-stripe-billing[local]'")

if __name__ == "__main__":
    sys.exit(main())
