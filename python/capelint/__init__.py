"""capelint checks a CAPE declaration before you upload it.

>>> import capelint
>>> report = capelint.check("march.csv", es003="es003.csv", filing_date="2026-11-22")
>>> report.ok
False
>>> [entry.entry for entry in report.entries if entry.verdict == "rejected"]
['ABC71001483']

Each function runs the program that the package carries and gives its records as values. The program opens no
network connection, and nor does the package. The first record of every result, :class:`Run`, says which program,
rules and files it was worked out on.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from . import _tables
from ._find import find_bin
from ._records import (
    Accepted,
    Cause,
    ChecklistItem,
    Claim,
    ClaimEntry,
    ClaimMessage,
    Clause,
    ClauseCell,
    Diagnostic,
    Entry,
    ErrorCard,
    ExplainedCause,
    ExplainedDeclaration,
    ExplainedEntry,
    ExplainedRule,
    Finding,
    Fix,
    Held,
    Input,
    Label,
    MessageCard,
    Misplaced,
    Pack,
    Place,
    Reason,
    RuleCard,
    Run,
    TextExplanation,
    Tool,
    Unanswered,
    Undecided,
    UploadFile,
    Waived,
    Warned,
    decode,
)
from ._run import CapelintError, CapelintWarning, Day, Path, Paths, options, paths, run, words

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

__all__ = [
    "Accepted",
    "CapelintError",
    "CapelintWarning",
    "Cause",
    "ChecklistItem",
    "Claim",
    "ClaimEntry",
    "ClaimMessage",
    "Clause",
    "ClauseCell",
    "Diagnostic",
    "Entry",
    "ErrorCard",
    "ExplainedCause",
    "ExplainedDeclaration",
    "ExplainedEntry",
    "ExplainedRule",
    "Finding",
    "Fix",
    "Fixed",
    "Held",
    "Input",
    "Label",
    "MessageCard",
    "Misplaced",
    "Pack",
    "Place",
    "Planned",
    "Reason",
    "Report",
    "RuleCard",
    "Run",
    "TextExplanation",
    "Tool",
    "Triaged",
    "Unanswered",
    "Undecided",
    "UploadFile",
    "Waived",
    "Warned",
    "WorkItem",
    "check",
    "explain",
    "find_bin",
    "fix",
    "plan",
    "triage",
]


class _Tables:
    """Results whose lists can be had as tables."""

    _KINDS: Mapping[str, type] = {}

    def _list(self, of: str) -> Tuple[type, Sequence[Any]]:
        if of not in self._KINDS:
            raise ValueError(f"no list `{of}`; there are {', '.join(self._KINDS)}")
        return self._KINDS[of], getattr(self, of)

    def to_arrow(self, of: str = "entries") -> pyarrow.Table:
        """A list as an Arrow table; needs pyarrow."""
        return _tables.to_arrow(*self._list(of))

    def to_polars(self, of: str = "entries") -> polars.DataFrame:
        """A list as a Polars frame; needs Polars and pyarrow."""
        return _tables.to_polars(*self._list(of))

    def to_pandas(self, of: str = "entries") -> pandas.DataFrame:
        """A list as a pandas frame with Arrow's types; needs pandas and pyarrow."""
        return _tables.to_pandas(*self._list(of))


@dataclass(frozen=True)
class Report(_Tables):
    """What a check found. ``summary`` is the record of that name, as in JSON."""

    run: Run
    findings: List[Finding]
    undecided: List[Undecided]
    entries: List[Entry]
    summary: Mapping[str, Any]
    #: Whether nothing is at or above ``fail_on`` and some entry may be uploaded.
    ok: bool

    _KINDS = {"entries": Entry, "findings": Finding, "undecided": Undecided}


@dataclass(frozen=True)
class Fixed(_Tables):
    """What ``fix`` wrote for upload, and what it held back."""

    run: Run
    folder: Optional[str]
    files: List[UploadFile]
    warned: List[Warned]
    held: List[Held]
    accepted_by_you: List[Accepted]
    misplaced: List[Misplaced]
    undecided: List[Undecided]
    asks_for_psc: bool
    balance: Mapping[str, int]
    #: Whether nothing was held back or is open.
    ok: bool

    _KINDS = {
        "held": Held,
        "files": UploadFile,
        "warned": Warned,
        "accepted_by_you": Accepted,
        "misplaced": Misplaced,
        "undecided": Undecided,
    }

    def _list(self, of: str) -> Tuple[type, Sequence[Any]]:
        return super()._list("held" if of == "entries" else of)


@dataclass(frozen=True)
class WorkItem:
    """A row of the work list: an entry that is not written for upload, with all reasons."""

    entry: str
    importer: str
    ieepa_duty: Optional[Decimal]
    ieepa_duty_is_upper_bound: bool
    verdict: str
    rules: List[str]
    #: Where there are several reasons, they, their steps and their evidence have numbers: ``(1) ... (2) ...``.
    reason: str
    next_step: str
    who_must_act: str
    #: The first last day that is not past.
    last_day: Optional[date]
    evidence: str


@dataclass(frozen=True)
class Planned(_Tables):
    """What ``plan`` wrote for upload, and what is left to do."""

    run: Run
    folder: Optional[str]
    files: List[UploadFile]
    #: The rows of the work list; empty in a dry run, which writes none.
    work: List[WorkItem]
    #: Their IEEPA duty, US dollars; ``None`` where it is known of none of them.
    work_duty: Optional[Decimal]
    work_duty_is_upper_bound: bool
    #: For how many of them the duty is unknown; they count as nothing.
    work_duty_unknown: int
    work_by_rule: Mapping[str, int]
    #: How many entries to upload have each rule's warning; ``warned.csv`` names them.
    warned_by_rule: Mapping[str, int]
    #: How much was lifted by a person; ``accepted-by-you.csv`` names it.
    accepted_by_you_count: int
    nothing_to_claim: List[str]
    accepted_before: List[str]
    #: ``None`` where the export was evaluated in several batches.
    undecided: Optional[List[Undecided]]
    asks_for_psc: bool
    sum: Mapping[str, int]
    #: Whether nothing is on the work list or open.
    ok: bool

    _KINDS = {"work": WorkItem, "files": UploadFile}

    def _list(self, of: str) -> Tuple[type, Sequence[Any]]:
        return super()._list("work" if of == "entries" else of)


@dataclass(frozen=True)
class Triaged(_Tables):
    """What CBP returned for an upload."""

    run: Run
    entries: List[ClaimEntry]
    messages: List[ClaimMessage]
    unanswered: List[Unanswered]
    summary: Mapping[str, Any]
    #: Whether CBP accepted every entry.
    ok: bool

    _KINDS = {"entries": ClaimEntry, "messages": ClaimMessage, "unanswered": Unanswered}


def check(
    declarations: Paths,
    *,
    es003: Optional[Paths] = None,
    tables: Optional[Mapping[str, Paths]] = None,
    none: Union[str, Sequence[str]] = (),
    filing_date: Optional[Day] = None,
    exported: Optional[Mapping[str, Day]] = None,
    config: Optional[Path] = None,
    isolated: bool = False,
    rules: Optional[Paths] = None,
    select: Union[str, Sequence[str]] = (),
    ignore: Union[str, Sequence[str]] = (),
    severity: Optional[Mapping[str, str]] = None,
    fail_on: str = "stop",
    args: Sequence[str] = (),
) -> Report:
    """Check declarations: files, folders or patterns.

    ``es003`` and ``tables`` are the exports, ``none`` the tables with nothing to list. Without ``config`` the
    ``capelint.yaml`` above the first declaration counts, unless ``isolated``. ``args`` are more arguments of
    ``capelint check``. Raises :class:`CapelintError` if capelint cannot run.
    """
    flags = options(
        es003=es003,
        tables=tables,
        none=none,
        filing_date=filing_date,
        exported=exported,
        config=config,
        isolated=isolated,
        rules=rules,
        select=select,
        ignore=ignore,
        severity=severity,
    )
    found, code = run("check", [*flags, f"--fail-on={fail_on}", *args], paths(declarations))
    return Report(
        run=decode(Run, found["run"]),
        findings=[decode(Finding, one) for one in found["findings"]],
        undecided=[decode(Undecided, one) for one in found["undecided"]],
        entries=[decode(Entry, one) for one in found["entries"]],
        summary=found["summary"],
        ok=code == 0,
    )


def fix(
    declarations: Paths,
    *,
    out: Optional[Path] = None,
    include: Union[str, Sequence[str]] = (),
    merge: bool = False,
    force: bool = False,
    es003: Optional[Paths] = None,
    tables: Optional[Mapping[str, Paths]] = None,
    none: Union[str, Sequence[str]] = (),
    filing_date: Optional[Day] = None,
    exported: Optional[Mapping[str, Day]] = None,
    config: Optional[Path] = None,
    isolated: bool = False,
    rules: Optional[Paths] = None,
    select: Union[str, Sequence[str]] = (),
    ignore: Union[str, Sequence[str]] = (),
    severity: Optional[Mapping[str, str]] = None,
    args: Sequence[str] = (),
) -> Fixed:
    """Write the clean upload files into the folder ``out``; without it, nothing is written."""
    flags = options(
        es003=es003,
        tables=tables,
        none=none,
        filing_date=filing_date,
        exported=exported,
        config=config,
        isolated=isolated,
        rules=rules,
        select=select,
        ignore=ignore,
        severity=severity,
    )
    found, code = run("fix", [*flags, *_writing(out, include, merge, force), *args], paths(declarations))
    return Fixed(
        run=decode(Run, found["run"]),
        folder=found["folder"],
        files=[decode(UploadFile, one) for one in found["files"]],
        warned=[decode(Warned, one) for one in found["warned"]],
        held=[decode(Held, one) for one in found["held"]],
        accepted_by_you=[decode(Accepted, one) for one in found["accepted_by_you"]],
        misplaced=[decode(Misplaced, one) for one in found["misplaced"]],
        undecided=[decode(Undecided, one) for one in found["undecided"]],
        asks_for_psc=found["asks_for_psc"],
        balance=found["balance"],
        ok=code == 0,
    )


def plan(
    es003: Optional[Paths] = None,
    *,
    out: Optional[Path] = None,
    include: Union[str, Sequence[str]] = (),
    merge: bool = False,
    force: bool = False,
    by_day: Optional[Day] = None,
    min_duty: Optional[Union[str, int, Decimal]] = None,
    tables: Optional[Mapping[str, Paths]] = None,
    none: Union[str, Sequence[str]] = (),
    filing_date: Optional[Day] = None,
    exported: Optional[Mapping[str, Day]] = None,
    config: Optional[Path] = None,
    isolated: bool = False,
    rules: Optional[Paths] = None,
    select: Union[str, Sequence[str]] = (),
    ignore: Union[str, Sequence[str]] = (),
    severity: Optional[Mapping[str, str]] = None,
    args: Sequence[str] = (),
) -> Planned:
    """Plan the upload of a whole ES-003 into the folder ``out``; without it, nothing is written."""
    flags = options(
        es003=None,
        tables=tables,
        none=none,
        filing_date=filing_date,
        exported=exported,
        config=config,
        isolated=isolated,
        rules=rules,
        select=select,
        ignore=ignore,
        severity=severity,
    )
    if by_day is not None:
        flags.append(f"--by-day={by_day}")
    if min_duty is not None:
        flags.append(f"--min-duty={min_duty}")
    found, code = run("plan", [*flags, *_writing(out, include, merge, force), *args], paths(es003))
    undecided = found["undecided"]
    return Planned(
        run=decode(Run, found["run"]),
        folder=found["folder"],
        files=[decode(UploadFile, one) for one in found["files"]],
        work=_work_list(found),
        work_duty=Decimal(duty) if (duty := found["work_duty"]["ieepa_duty"]) is not None else None,
        work_duty_is_upper_bound=found["work_duty"]["ieepa_duty_is_upper_bound"],
        work_duty_unknown=found["work_duty"]["unknown_duty"],
        work_by_rule={one["rule"]: one["entries"] for one in found["work_by_rule"]},
        warned_by_rule={one["rule"]: one["entries"] for one in found["warned_by_rule"]},
        accepted_by_you_count=found["accepted_by_you_count"],
        nothing_to_claim=found["nothing_to_claim"],
        accepted_before=found["accepted_before"],
        undecided=None if undecided is None else [decode(Undecided, one) for one in undecided],
        asks_for_psc=found["asks_for_psc"],
        sum=found["sum"],
        ok=code == 0,
    )


def triage(
    claim_details: Paths,
    *,
    declarations: Optional[Paths] = None,
    out: Optional[Path] = None,
    force: bool = False,
    es003: Optional[Paths] = None,
    tables: Optional[Mapping[str, Paths]] = None,
    none: Union[str, Sequence[str]] = (),
    filing_date: Optional[Day] = None,
    exported: Optional[Mapping[str, Day]] = None,
    config: Optional[Path] = None,
    isolated: bool = False,
    rules: Optional[Paths] = None,
    args: Sequence[str] = (),
) -> Triaged:
    """Read the Claim Details of an upload; with ``out``, write what can be resubmitted and the work list."""
    flags = options(
        es003=es003,
        tables=tables,
        none=none,
        filing_date=filing_date,
        exported=exported,
        config=config,
        isolated=isolated,
        rules=rules,
        select=(),
        ignore=(),
        severity=None,
    )
    flags += [f"--declaration={path}" for path in paths(declarations)]
    if out is not None:
        flags.append(f"--out={os.fspath(out)}")
    if force:
        flags.append("--force")
    found, code = run("triage", [*flags, *args], paths(claim_details))
    return Triaged(
        run=decode(Run, found["run"]),
        entries=[decode(ClaimEntry, one) for one in found["entries"]],
        messages=[decode(ClaimMessage, one) for one in found["messages"]],
        unanswered=[decode(Unanswered, one) for one in found["unanswered"]],
        summary=found["summary"],
        ok=code == 0,
    )


def explain(
    what: Union[Path, Sequence[Path]],
    *,
    entry: Optional[str] = None,
    es003: Optional[Paths] = None,
    tables: Optional[Mapping[str, Paths]] = None,
    none: Union[str, Sequence[str]] = (),
    filing_date: Optional[Day] = None,
    config: Optional[Path] = None,
    isolated: bool = False,
    rules: Optional[Paths] = None,
    args: Sequence[str] = (),
) -> Union[RuleCard, ErrorCard, List[ChecklistItem], TextExplanation, ExplainedEntry]:
    """Explain a rule, an error of capelint, or a text with messages of CBP or ACE; with ``entry``, what
    decided about that entry of the declarations ``what``. ``checklist`` gives the questions to answer before the first upload.
    """
    flags = options(
        es003=es003,
        tables=tables,
        none=none,
        filing_date=filing_date,
        exported=None,
        config=config,
        isolated=isolated,
        rules=rules,
        select=(),
        ignore=(),
        severity=None,
    )
    if entry is not None:
        flags.append(f"--entry={entry}")
    found, _ = run("explain", [*flags, *args], paths(what))
    if "explained_rule" in found:
        return decode(RuleCard, found["explained_rule"])
    if "explained_error" in found:
        return decode(ErrorCard, found["explained_error"])
    if "checklist" in found:
        return [decode(ChecklistItem, item) for item in found["checklist"]]
    if "entry" in found:
        return decode(ExplainedEntry, found)
    return decode(TextExplanation, found)


def _writing(out: Optional[Path], include: Union[str, Sequence[str]], merge: bool, force: bool) -> List[str]:
    flags = ["--dry-run"] if out is None else [f"--out={os.fspath(out)}"]
    flags += [f"--include={level}" for level in words(include)]
    if merge:
        flags.append("--merge")
    if force:
        flags.append("--force")
    return flags


def _work_list(found: Mapping[str, Any]) -> List[WorkItem]:
    if found["folder"] is None or found["work_list"] is None:
        return []
    path = os.path.join(found["folder"], found["work_list"])
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [
            WorkItem(
                entry=row["Entry Number"],
                importer=row["Importer"],
                ieepa_duty=Decimal(row["IEEPA Duty"]) if row["IEEPA Duty"] else None,
                ieepa_duty_is_upper_bound=row["IEEPA Duty Is Upper Bound"] == "yes",
                verdict=row["Verdict"],
                rules=row["Rule"].split(", ") if row["Rule"] else [],
                reason=row["Reason"],
                next_step=row["Next Step"],
                who_must_act=row["Who Must Act"],
                last_day=date.fromisoformat(row["Last Day"]) if row["Last Day"] else None,
                evidence=row["Evidence"],
            )
            for row in csv.DictReader(file)
        ]
