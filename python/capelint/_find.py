"""Finds the program that the package carries."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig


def find_bin() -> str:
    """Return the path of the ``capelint`` program.

    The program of this installation comes first, then the one that ``CAPELINT`` names, then the PATH.

    Raises ``FileNotFoundError`` if there is none.
    """
    name = "capelint" + (".exe" if sys.platform == "win32" else "")
    folders = [sysconfig.get_path("scripts")]
    scheme = sysconfig.get_preferred_scheme("user") if sys.version_info >= (3, 10) else None
    if scheme is not None:
        folders.append(sysconfig.get_path("scripts", scheme=scheme))
    # `pip install --target FOLDER` puts programs into FOLDER/bin.
    package = os.path.dirname(os.path.abspath(__file__))
    folders.append(os.path.join(os.path.dirname(package), "bin"))
    for folder in folders:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    path = os.environ.get("CAPELINT") or shutil.which(name) or ""
    if os.path.isfile(path):
        return path
    raise FileNotFoundError(f"no {name} in {', '.join(folders)} or on the PATH")
