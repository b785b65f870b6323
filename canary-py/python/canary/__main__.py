"""`python -m canary` is the command `canary`."""

import sys

from canary.cli import main

sys.exit(main())
