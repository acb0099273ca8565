"""What capelint finds, as values: each class is a record of ``capelint schema report``.

Members have the names that they have in JSON. Days are :class:`datetime.date`, amounts are US dollars in
:class:`decimal.Decimal`. ``None`` is what is unknown or does not apply.
"""

from __future__ import annotations

import dataclasses
import sys
import typing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Callable, Dict, List, Mapping, Optional, Type, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where something is. Lines and columns count from 1, ``start`` and ``end`` are bytes."""

    file: str
    line: int
    column: int
    column_name: Optional[str]
    start: int
    end: int
    sheet: Optional[str]


@dataclass(frozen=True)
class Label:
    """A cell that decided."""

    place: Place
    text: str
    value: Optional[str]


@dataclass(frozen=True)
class Fix:
    """What ``capelint fix`` does about a finding."""

    kind: str
    replacement: Optional[str]


@dataclass(frozen=True)
class Waived:
    """Why a finding does not count."""

    by: str
    reason: Optional[str]
    until: Optional[date]


@dataclass(frozen=True)
class Finding:
    """A violated rule."""

    rule: str
    severity: str
    entry: Optional[str]
    message: str
    help: Optional[str]
    sources: List[str]
    cbp: Optional[str]
    place: Place
    labels: List[Label]
    fix: Optional[Fix]
    waived: Optional[Waived]
    deadline: Optional[date]
    written: Optional[str]
    declaration: Optional[str]
    importer_number: Optional[str]
    entry_type: Optional[str]
    entry_date: Optional[date]
    liquidation_status: Optional[str]
    liquidation_date: Optional[date]
    ieepa_duty: Optional[Decimal]
    ieepa_duty_is_upper_bound: bool
    client: Optional[str]


@dataclass(frozen=True)
class Cause:
    """Why a rule is undecided; ``kind`` does not change between versions."""

    kind: str
    table: Optional[str]
    column: Optional[str]
    header: Optional[str]
    value: Optional[str]
    list: Optional[str]
    setting: Optional[str]
    damage: Optional[str]
    incomplete: Optional[str]
    file: Optional[str]


@dataclass(frozen=True)
class Undecided:
    """A rule that is undecided for one cause.

    ``for_all``: it is about all entries of the run. ``used``: the other sources that decided the rule, where one is
    missing and the rule was decided without it.
    """

    rule: str
    entries: int
    cause: Cause
    message: str
    help: str
    place: Optional[Place]
    optional: bool
    for_all: bool
    entry_numbers: List[str]
    used: Optional[List[str]]


@dataclass(frozen=True)
class Entry:
    """A distinct entry of a declaration."""

    entry: Optional[str]
    verdict: str
    after_waivers: str
    accepted_by_you: bool
    remedy: Optional[str]
    rules: List[str]
    undecided: List[str]
    written: str
    place: Place
    rows: int
    deadline: Optional[date]
    standing: str
    declaration: Optional[str]
    importer_number: Optional[str]
    entry_type: Optional[str]
    entry_date: Optional[date]
    liquidation_status: Optional[str]
    liquidation_date: Optional[date]
    ieepa_duty: Optional[Decimal]
    ieepa_duty_is_upper_bound: bool
    client: Optional[str]


@dataclass(frozen=True)
class Tool:
    """The program."""

    name: str
    version: str
    commit: Optional[str]


@dataclass(frozen=True)
class Pack:
    """The rule pack."""

    name: str
    version: str
    verified: Optional[date]


@dataclass(frozen=True)
class Input:
    """A file that was read."""

    file: str
    table: str
    rows: int
    exported: Optional[date]
    sha256: Optional[str]
    chapters: Optional[List[str]]


@dataclass(frozen=True)
class Run:
    """On what the report was worked out. What is not of ``scope`` ``all``, or is ``partial``, is part of a check."""

    schema: int
    tool: Tool
    pack: Pack
    filing_date: date
    configuration: Optional[str]
    inputs: List[Input]
    scope: str
    partial: bool


@dataclass(frozen=True)
class UploadFile:
    """A file to upload."""

    name: str
    entry_numbers: List[str]
    deadline: Optional[date]
    ieepa_duty: Optional[Decimal]
    ieepa_duty_is_upper_bound: bool
    #: For how many entries the duty is unknown; they count as nothing.
    unknown_duty: int


@dataclass(frozen=True)
class Reason:
    """Why an entry is held back."""

    kind: str
    rule: Optional[str]
    severity: Optional[str]
    message: str
    help: Optional[str]


@dataclass(frozen=True)
class Held:
    """An entry that is held back, or a row whose number cannot be read."""

    entry: Optional[str]
    written: str
    place: Place
    verdict: str
    after_waivers: str
    reasons: List[Reason]
    deadline: Optional[date]
    declaration: Optional[str]
    importer_number: Optional[str]
    entry_type: Optional[str]
    entry_date: Optional[date]
    liquidation_status: Optional[str]
    liquidation_date: Optional[date]
    ieepa_duty: Optional[Decimal]
    ieepa_duty_is_upper_bound: bool
    client: Optional[str]


@dataclass(frozen=True)
class Warned:
    """A warning on an entry of an upload file."""

    entry: Optional[str]
    finding: Reason
    declaration: Optional[str]
    importer_number: Optional[str]
    entry_type: Optional[str]
    entry_date: Optional[date]
    liquidation_status: Optional[str]
    liquidation_date: Optional[date]
    ieepa_duty: Optional[Decimal]
    ieepa_duty_is_upper_bound: bool
    client: Optional[str]


@dataclass(frozen=True)
class Accepted:
    """What a person lifted; ``entry`` is ``None`` for a finding on a whole file."""

    entry: Optional[str]
    finding: Reason
    by: str


@dataclass(frozen=True)
class Misplaced:
    """An entry number outside the rows and the column of entry numbers."""

    written: str
    place: Place


@dataclass(frozen=True)
class Claim:
    """A row of Claim Details."""

    claim_number: str
    status: str
    error_description: str
    file: str
    line: int


@dataclass(frozen=True)
class ClaimMessage:
    """The entries that failed with the same message."""

    text: str
    id: Optional[str]
    closest: Optional[str]
    meaning: Optional[str]
    next: Optional[str]
    refile: str
    refile_after_days: Optional[int]
    rules: List[str]
    sources: List[str]
    entries: int
    accepted_since: int


@dataclass(frozen=True)
class ClaimEntry:
    """What became of an entry over all claims."""

    entry: str
    state: str
    refile: str
    refile_on: Optional[date]
    in_refile: bool
    messages: List[str]
    held: Optional[str]
    help: Optional[str]
    disagreement: Optional[str]
    ieepa_duty: Optional[Decimal]
    ieepa_duty_is_upper_bound: bool
    deadline: Optional[date]
    claims: List[Claim]


@dataclass(frozen=True)
class Unanswered:
    """An entry on a declaration that is on no claim."""

    entry: str
    ieepa_duty: Optional[Decimal]
    ieepa_duty_is_upper_bound: bool
    deadline: Optional[date]


@dataclass(frozen=True)
class Diagnostic:
    """An error that kept capelint from running."""

    code: str
    message: str
    help: str
    places: List[Mapping[str, Any]]


@dataclass(frozen=True)
class NextStep:
    """A next step of a rule, and the condition under which it is the one: ``None`` for always."""

    when: Optional[str]
    help: str


@dataclass(frozen=True)
class RuleCard:
    """A rule, explained."""

    id: str
    severity: str
    title: str
    applies_to: str
    reads: List[str]
    condition: str
    message: str
    next_steps: List[NextStep]
    cbp: Optional[str]
    note: Optional[str]
    violated: Optional[str]
    satisfied: Optional[str]
    sources: List[str]
    written_in: str


@dataclass(frozen=True)
class ErrorCard:
    """A kind of error of capelint, explained."""

    code: str
    group: str
    meaning: str
    help: str


@dataclass(frozen=True)
class ChecklistItem:
    """A question to answer with yes before the first upload."""

    id: str
    question: str
    reason: str
    do: str
    sources: List[str]


@dataclass(frozen=True)
class MessageCard:
    """A message of CBP or ACE that a text has; what is not ``exact`` is only close to it.

    ``or_`` has the messages that it may be instead.
    """

    exact: bool
    found: str
    id: str
    code: Optional[str]
    text: str
    from_cbp: bool
    meaning: str
    since: Optional[date]
    until: Optional[date]
    retry: Optional[bool]
    refile: Optional[str]
    do: str
    rules: List[str]
    sources: List[str]
    or_: List[str]


@dataclass(frozen=True)
class TextExplanation:
    """The messages in a text, and the parts that are like nothing known."""

    messages: List[MessageCard]
    unknown: List[str]


@dataclass(frozen=True)
class ExplainedCause:
    """Why a rule or a clause is undecided, in words as well."""

    kind: str
    table: Optional[str]
    column: Optional[str]
    header: Optional[str]
    value: Optional[str]
    list: Optional[str]
    setting: Optional[str]
    damage: Optional[str]
    incomplete: Optional[str]
    file: Optional[str]
    message: str
    help: str


@dataclass(frozen=True)
class ClauseCell:
    """A cell that a clause read; ``value`` is ``None`` where the file has no such column."""

    header: str
    value: Optional[str]
    place: Optional[Place]


@dataclass(frozen=True)
class Clause:
    """A clause that decided: ``truth`` is ``true``, ``false`` or ``unknown``."""

    clause: str
    truth: str
    cells: List[ClauseCell]
    causes: List[ExplainedCause]


@dataclass(frozen=True)
class ExplainedRule:
    """What a rule found about an entry; ``superseded_by`` is the rule that is reported in its place."""

    rule: str
    title: str
    severity: str
    outcome: str
    superseded_by: Optional[str]
    message: Optional[str]
    help: Optional[str]
    cbp: Optional[str]
    waived: Optional[Waived]
    no_row_in: Optional[str]
    clauses: List[Clause]
    causes: List[ExplainedCause]
    missing_sources: List[ExplainedCause]


@dataclass(frozen=True)
class ExplainedDeclaration:
    """What the rules found about the entry in one declaration; what decided comes first."""

    place: Optional[Place]
    verdict: Optional[str]
    rule_outcomes: List[ExplainedRule]


@dataclass(frozen=True)
class ExplainedEntry:
    """What decided about an entry."""

    run: Run
    entry: str
    filing_date: date
    declarations: List[ExplainedDeclaration]


_FIELDS: Dict[type, Dict[str, Any]] = {}


def fields_of(kind: type) -> Dict[str, Any]:
    """The members of a record and their types."""
    found = _FIELDS.get(kind)
    if found is None:
        # A member may be called `list`, so names are looked up in the module.
        module = vars(sys.modules[kind.__module__])
        hints = typing.get_type_hints(kind, dict(module))
        found = {field.name: hints[field.name] for field in dataclasses.fields(kind)}
        _FIELDS[kind] = found
    return found


def inner(hint: Any) -> Any:
    """A type without its ``Optional``."""
    if typing.get_origin(hint) is typing.Union:
        return next(one for one in typing.get_args(hint) if one is not type(None))
    return hint


def _value(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    hint = inner(hint)
    if typing.get_origin(hint) is list:
        (item,) = typing.get_args(hint)
        return [_value(item, one) for one in value]
    if dataclasses.is_dataclass(hint):
        return decode(typing.cast(type, hint), value)
    convert = _CONVERT.get(hint)
    return convert(value) if convert else value


_CONVERT: Dict[Any, Callable[[str], Any]] = {date: date.fromisoformat, Decimal: Decimal}


def decode(kind: Type[T], record: Mapping[str, Any]) -> T:
    """A record from its JSON. Members of a newer version are left out.

    A member whose name is a word of Python has ``_`` behind it here.
    """
    members = fields_of(kind)
    return kind(**{name: _value(hint, record.get(name.rstrip("_"))) for name, hint in members.items()})
