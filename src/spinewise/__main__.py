"""`python -m spinewise` is the same as the command `spinewise`."""

import sys

from spinewise.cli import main

if __name__ == "__main__":
    sys.exit(main())
