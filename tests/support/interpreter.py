"""The Python that CI steps of tests run."""

import sys
from pathlib import Path

STEP_PYTHON = str(Path(sys.executable).resolve())
"""Not the virtual environment's: that may stand below /tmp, and a step has a /tmp of its own."""
