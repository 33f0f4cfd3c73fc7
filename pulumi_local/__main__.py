"""`python -m pulumi_local`."""

import sys

from pulumi_local.cli import main

sys.exit(main())
