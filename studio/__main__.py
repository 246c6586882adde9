"""`python -m studio`."""

from __future__ import annotations

import os
import sys

from studio.commands.cli import main
from studio.installation.cores import share_the_cores

if __name__ == "__main__":
    share_the_cores(os.environ)
    sys.exit(main())
