"""Runs the program and reads what it prints."""

from __future__ import annotations

import json
import os
import subprocess
import warnings
from datetime import date
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from ._find import find_bin
from ._records import Diagnostic, decode

#: A file: its path as text or as :class:`os.PathLike`.
Path = Union[str, "os.PathLike[str]"]
#: A file, or several.
Paths = Union[Path, Sequence[Path]]
#: A day, or its text ``YYYY-MM-DD``.
Day = Union[str, date]

#: How a warning about the run begins on standard error.
WARNING = "warning: "


class CapelintError(Exception):
    """capelint cannot run: an input that cannot be read, an error in a rule file, an unknown flag.

    ``diagnostics`` are the errors, ``stderr`` is what was printed about the run.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic], stderr: str) -> None:
        self.diagnostics = list(diagnostics)
        self.stderr = stderr
        texts = [f"error[{one.code}]: {one.message}" for one in self.diagnostics]
        super().__init__("\n".join(texts) or stderr.strip() or "capelint cannot run")


class CapelintWarning(UserWarning):
    """What capelint asks about a run although it can run: a filing date before CAPE opened, a setting without effect."""


def paths(given: Optional[Paths]) -> List[str]:
    """The paths as text."""
    if given is None:
        return []
    if isinstance(given, (str, os.PathLike)):
        return [os.fspath(given)]
    return [os.fspath(path) for path in given]


def words(given: Union[str, Sequence[str]]) -> List[str]:
    """A word, or several."""
    return [given] if isinstance(given, str) else list(given)


def options(
    *,
    es003: Optional[Paths],
    tables: Optional[Mapping[str, Paths]],
    none: Union[str, Sequence[str]],
    filing_date: Optional[Day],
    exported: Optional[Mapping[str, Day]],
    config: Optional[Path],
    isolated: bool,
    rules: Optional[Paths],
    select: Union[str, Sequence[str]],
    ignore: Union[str, Sequence[str]],
    severity: Optional[Mapping[str, str]],
) -> List[str]:
    """The arguments that the commands have in common."""
    flags: List[str] = []
    flags += [f"--es003={path}" for path in paths(es003)]
    for table, files in (tables or {}).items():
        flags += [f"--table={table}={path}" for path in paths(files)]
    flags += [f"--none={table}" for table in words(none)]
    if filing_date is not None:
        flags.append(f"--filing-date={filing_date}")
    flags += [f"--exported={table}={day}" for table, day in (exported or {}).items()]
    if config is not None:
        flags.append(f"--config={os.fspath(config)}")
    if isolated:
        flags.append("--isolated")
    flags += [f"--rules={path}" for path in paths(rules)]
    flags += [f"--select={rule}" for rule in words(select)]
    flags += [f"--ignore={rule}" for rule in words(ignore)]
    flags += [f"--severity={rule}={level}" for rule, level in (severity or {}).items()]
    return flags


def run(command: str, flags: Sequence[str], operands: Sequence[str]) -> Tuple[Dict[str, Any], int]:
    """Run a command that prints one JSON document; give the document and the exit code, 0 or 1."""
    arguments = [find_bin(), command, "--format=json", *flags, "--", *operands]
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True)
    stderr = done.stderr.decode("utf-8", "replace")
    try:
        document = json.loads(done.stdout)
    except ValueError:
        document = None
    if done.returncode in (0, 1) and isinstance(document, dict):
        for line in stderr.splitlines():
            if line.startswith(WARNING):
                warnings.warn(line[len(WARNING) :], CapelintWarning, stacklevel=3)
        return document, done.returncode
    errors = document.get("errors", []) if isinstance(document, dict) else []
    raise CapelintError([decode(Diagnostic, error) for error in errors], stderr)
