"""``python -m capelint`` is the command line."""

from __future__ import annotations

import os
import subprocess
import sys

from ._find import find_bin


def main() -> None:
    """Run the program in place of Python."""
    command = [find_bin(), *sys.argv[1:]]
    if sys.platform == "win32":
        sys.exit(subprocess.run(command).returncode)
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
