"""`python -m canary` is the command `canary`."""

import sys

from canary.cli import main

if __name__ == "__main__":
    sys.exit(main())
