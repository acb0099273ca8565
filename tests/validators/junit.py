"""Reads JUnit reports as a pipeline would, and counts what it would show."""

import sys

from junitparser import Failure, JUnitXml, Skipped

EXPECTED = {"hostile": (12, 6, 1), "mixed": (10000, 400, 100)}

for path in sys.argv[1:]:
    cases = [case for suite in JUnitXml.fromfile(path) for case in suite]
    failed = sum(any(isinstance(result, Failure) for result in case.result) for case in cases)
    skipped = sum(any(isinstance(result, Skipped) for result in case.result) for case in cases)
    name = path.rsplit("/", 1)[-1].split(".")[0]
    assert (len(cases), failed, skipped) == EXPECTED[name], (path, len(cases), failed, skipped)
