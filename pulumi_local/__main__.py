"""`python -m pulumi_local`."""

from __future__ import annotations

import sys

try:
    from pulumi_local.cli import main
except ModuleNotFoundError as e:
    sys.exit(f"pulumi_local needs {e.name}: pip install 'pulumi-stripe-billing[local]'")

if __name__ == "__main__":
    sys.exit(main())
