"""__main__ - `python -m harness` is `gauntlet`."""

import sys

from harness.cli import main

sys.exit(main())
