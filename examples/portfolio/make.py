#!/usr/bin/env python3
"""Writes this folder: a synthetic portfolio, and the verdict on each entry.

    python3 make.py

Two brokers (filer codes ABC and XYZ) filed for several importers. `abc.csv` and `xyz.csv` are the
brokers' declarations, `importer.csv` is the declaration of the importer 12-3456789; all are filed on
2026-11-22. `june.csv` is a declaration of summer 2026, judged for the days before and on which CBP
changed its rules (2026-06-29, 2026-07-07).

The verdicts come from `judge` below: CBP's rules in plain Python, written from CBP's texts and not
from the rule files, so that either can contradict the other.
"""

import datetime
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import ace  # noqa: E402

FILING = ace.day("2026-11-22")
OWN, SECOND, THIRD = "12-3456789", "98-7654321", "55-1234567"
SURCHARGE_122 = [f"990303{heading:02}" for heading in range(1, 12)]
# IEEPA headings that carry duty, as far as this portfolio uses them: first and last entry date.
DUTIABLE = {
    "99030101": ("2025-03-04", "2026-02-23"), "99030110": ("2025-03-04", "2026-02-23"),
    "99030120": ("2025-02-04", "2025-03-03"), "99030124": ("2025-03-04", "2026-02-23"),
    "99030125": ("2025-04-05", "2026-02-23"), "99030177": ("2025-08-06", "2026-02-23"),
    "99030184": ("2025-08-27", "2026-02-06"), "99030220": ("2025-08-07", "2026-02-23"),
    "99030261": ("2025-08-07", "2026-02-23"), "99030269": ("2025-08-07", "2026-02-23"),
}
# IEEPA headings that only say why no duty is owed.
EXCEPTIONS = {"99030132": ("2025-04-05", "2026-02-23"), "99030278": ("2025-08-07", "2026-02-23")}


def ago(days, since=FILING):
    return since - datetime.timedelta(days)


# ---------------------------------------------------------------------------------------------------
# What CBP does with an entry

# 5 USC 6103, second half of 2026.
HOLIDAYS = [ace.day(text) for text in ("2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25")]


def statement_due(date):
    """The 15th working day of the month after entry."""
    at = (date.replace(day=1) + datetime.timedelta(32)).replace(day=1)
    count = 0
    while True:
        count += at.weekday() < 5 and at not in HOLIDAYS
        if count == 15:
            return at
        at += datetime.timedelta(1)


def refusals(entry, filing, account):
    """The error rules that an entry breaks."""
    if entry.get("damage"):
        yield entry["damage"]
        return
    if account["role"] == "broker" and entry["number"][:3] not in account["filers"]:
        yield "filer-code-mismatch"
        if not entry["exported"]:
            return
    if not entry["exported"]:
        courier = entry["number"][:3] in account.get("couriers", [])
        yield "courier-entry" if courier else "entry-not-in-es003"
        return
    if account["role"] == "importer" and entry["importer"][:10] != account["importer"]:
        yield "importer-number-mismatch"

    liquidated, kind = entry["liquidated"], entry["type"]
    if entry["status"] in ("Liquidated", "Reliquidated", "Deemed Liquidated"):
        if liquidated and (filing - liquidated).days > 80:
            yield "liquidated-over-80-days"

    # An accepted entry has lost its IEEPA lines; what was done before is reported.
    accepted = any(status == "Entry Summary Updated" for _, status, _ in entry["claims"])
    in_cape = entry["cape"] in ("Y", "P") or entry["reason"].split(" ")[0] == "36"
    if accepted:
        yield "already-accepted"
    elif in_cape:
        yield "already-in-cape"
    else:
        rows = [row for line in entry["lines"] for row in line]
        headings = [row["hts"] for row in rows]
        unclear = any(row["hts"] in DUTIABLE and not readable(row["duty"]) for row in rows)
        refundable = any(row["hts"] in DUTIABLE and readable(row["duty"]) and float(row["duty"]) > 0 for row in rows)
        if not refundable and not unclear:
            if any(heading in DUTIABLE for heading in headings):
                yield "ieepa-duty-zero"
            elif any(heading in EXCEPTIONS for heading in headings):
                yield "ieepa-exception-only"
            elif any(heading in SURCHARGE_122 for heading in headings):
                yield "only-section-122"
            else:
                yield "no-ieepa-duty"
    for line in entry["lines"]:
        if any(row["hts"] in (*DUTIABLE, *EXCEPTIONS) and float(row["value"] or 0) > 0 for row in line):
            yield "goods-value-on-ieepa-line"
            break

    if kind in ("08", "09", "47"):
        yield "entry-type-not-allowed"
    if kind in ("21", "22") and filing >= ace.day("2026-07-07"):
        yield "warehouse-entry"
    if filing < ace.day("2026-06-29"):
        if entry["recon"]:
            yield "reconciliation-flagged"
    else:
        if entry["recon"] and kind not in ("01", "02", "06"):
            yield "reconciliation-type"
        if entry["type_09"] and entry["type_09"][0] == "yes":
            yield "reconciliation-entry-filed"
    if entry["drawback"]:
        yield "on-drawback"
    if entry["protest"] in ("OP", "SP") or entry["protest_in_es003"] in ("OP", "SP"):
        yield "protest-open"
    if entry["adcvd"] in ("Pending liquidation", "Instructions issued"):
        yield "adcvd-pending"
    if entry["surety"]:
        yield "surety-paid"
    if entry["summary"] != "Accepted":
        yield "summary-not-accepted"
    if entry["statement"] in ("AU", "NP", "Authorized", "Not Paid"):
        yield "statement-not-paid"
    if entry.get("again"):
        yield "duplicate-entry"


# CBP would accept the entry, but a person decides first.
STOPS = {"reliquidated", "psc-needed", "psc-not-final", "reconciliation-due-soon", "reconciliation-overdue",
         "entry-after-ieepa-end", "control-status-inactive", "control-status-trade", "conflicting-values",
         "unreadable-claims", "entry-summary-looks-wrong"}


def correctable(entry, filing):
    """Whether a PSC is possible: for 300 days after entry, longer where the liquidation is extended or, of
    some types, suspended; never of liquidated and of informal entries."""
    status, kind = entry["status"], entry["type"]
    longer = status == "Extended" or status == "Suspended" and kind in ("03", "06", "07")
    final = status in ("Liquidated", "Reliquidated", "Deemed Liquidated") or kind in ("11", "12")
    return not final and (longer or (filing - entry["entry_date"]).days <= 300)


def doubts(entry, filing, account, errors):
    """The stop and warning rules that an entry breaks: CBP accepts it, or it is not certain that it rejects it."""
    if entry.get("damage") or not entry["exported"]:
        return
    status, liquidated, kind, date = entry["status"], entry["liquidated"], entry["type"], entry["entry_date"]
    is_liquidated = status in ("Liquidated", "Reliquidated", "Deemed Liquidated")
    if account["role"] == "importer" and entry["importer"][:10] == account["importer"] and entry["importer"][10:] not in ("", "00"):
        yield "importer-suffix-differs"
    if status == "Reliquidated" and liquidated and (filing - liquidated).days <= 80 and (filing - date).days > 80:
        yield "reliquidated"
    if is_liquidated and liquidated and 75 <= (filing - liquidated).days <= 80:
        yield "liquidation-window-closing"
    if is_liquidated and not liquidated and not entry["liquidated_text"]:
        yield "liquidated-without-date"
    if is_liquidated and liquidated and liquidated > filing:
        yield "liquidation-date-in-future"
    if status in ("Unliquidated", "Extended", "Suspended", "Under Review") and liquidated and liquidated <= filing:
        yield "liquidation-date-without-status"
    if not status and entry["control"] == "CBP":
        yield "no-liquidation-status"
    if entry["control"] == "Inactive":
        yield "control-status-inactive"
    if entry["control"] == "Trade":
        yield "control-status-trade"
    if kind == "23":
        yield "temporary-import-bond"
    if kind in ("11", "12") and "liquidated-over-80-days" not in errors:
        in_window = liquidated and (filing - liquidated).days <= 80
        if not in_window and (filing - date).days > 80:
            yield "informal-entry"
    if kind in ("03", "07", "34", "38") and not is_liquidated and "adcvd-pending" not in errors:
        if status not in ("Suspended", "Extended", "Under Review"):
            yield "adcvd-not-suspended"
    if filing >= ace.day("2026-06-29") and not {"reconciliation-type", "reconciliation-entry-filed"} & set(errors):
        filed, due = entry["type_09"] or ("", None)
        if filed == "no" and due and 0 <= (due - filing).days <= 30:
            yield "reconciliation-due-soon"
        if filed == "no" and due and due < filing:
            yield "reconciliation-overdue"
    if entry["statement"] not in ("PD", "Paid") and filing <= statement_due(date) and "statement-not-paid" not in errors:
        yield "statement-may-be-open"

    psc, filed = entry["psc"] or ("", None)
    if entry["psc"] and psc in ("Needed", "Rejected", ""):
        informal = kind in ("11", "12")
        yield "psc-needed" if is_liquidated or informal or correctable(entry, filing) else "psc-too-late"
    elif psc == "Filed" or (filed and (filing - filed).days <= 14):
        yield "psc-not-final"

    collected = False
    for line in entry["lines"]:
        value = sum(float(row["value"] or 0) for row in line)
        for row in line:
            known = {**DUTIABLE, **EXCEPTIONS}.get(row["hts"])
            if not known:
                continue
            if not any(row["hts"][:2] <= "97" for row in line):
                yield "chapter-99-without-commodity"
            duty = float(row["duty"]) if readable(row["duty"]) else 0
            collected |= row["hts"] in DUTIABLE and duty > 0
            if row["hts"] in DUTIABLE and duty > 0 and value == 0 and filing >= ace.day("2026-06-25"):
                yield "ieepa-line-without-value"
            if row["hts"] in DUTIABLE and duty > 250 and value == 0 and correctable(entry, filing):
                yield "entry-summary-looks-wrong"
            if date < ace.day(known[0]):
                yield "heading-before-its-first-day"
            if date > ace.day(known[1]) and not (date >= ace.day("2026-02-24") and collected):
                yield "heading-after-its-last-day"
            periods = RATES.get(row["hts"])
            if periods and duty > 0 and value > 0 and ace.day(periods[0][0]) <= date <= ace.day(known[1]):
                owed = float(ace.percent(ace.rate_on(periods, date), value))
                if abs(duty - owed) > owed * 0.02 + 1e-9:
                    yield "ieepa-rate-mismatch"
    if date >= ace.day("2026-02-24") and collected:
        yield "entry-after-ieepa-end"
    rows = [row for line in entry["lines"] for row in line]
    if not all(readable(row["duty"]) for row in rows if row["duty"]) or status == "LQ7" or entry["liquidated_text"]:
        yield "unreadable-values"
    if entry["conflict"]:
        yield "conflicting-values"
    if any(status not in ("Failed", "Entry Summary Updated") for _, status, _ in entry["claims"]):
        yield "unreadable-claims"


RATES = {heading: periods for headings in ace.IEEPA.values() for heading, periods in headings}
RATES["99030120"] = [("2025-02-04", 10)]


def readable(amount):
    return amount.replace(".", "", 1).isdigit()


def judge(entry, filing, account):
    """Verdict, error rules, stop rules and warning rules of an entry."""
    errors = sorted(set(refusals(entry, filing, account)))
    doubtful = set(doubts(entry, filing, account, errors))
    stops, warnings = sorted(doubtful & STOPS), sorted(doubtful - STOPS)
    # Once CBP has accepted an entry, nothing else about it matters.
    for settled in ("already-accepted", "already-in-cape"):
        if settled in errors:
            return "rejected", [settled], [], []
    if errors:
        return "rejected", errors, stops, warnings
    if stops:
        return "stopped", errors, stops, warnings
    # Whether the duty is far off is unknown for one that cannot be read; it matters while a PSC is possible.
    unread = any(row["hts"] in DUTIABLE and not readable(row["duty"]) for line in entry["lines"] for row in line)
    if entry["unclear"] or unread and correctable(entry, filing):
        return "undecided", errors, stops, warnings
    return ("warned" if warnings else "ready"), errors, stops, warnings


# ---------------------------------------------------------------------------------------------------
# The entries. Each scenario changes an ordinary entry; `unclear`: something that an error rule needs is
# not there or cannot be read.

def goods(*rows):
    return {"lines": [[ace.tariff(*row) for row in rows]]}


def liquidated(days, status="Liquidated"):
    return {"liquidated": ago(days), "status": status}


STILL_OPEN = {"status": "Extended", "liquidated": None}
OWED = ("99030125", 0, "100.00"), ("8471300100", 1000, "0.00")
SCENARIOS = [
    # Liquidation: both sides of day 80 and of day 75
    *[liquidated(days) for days in (0, 1, 40, 73, 74, 75, 76, 79, 80, 81, 82, 93, 120, 179, 180, 181, 300)],
    *[liquidated(days, "Reliquidated") for days in (74, 75, 80, 81)],
    *[liquidated(days, "Deemed Liquidated") for days in (74, 75, 80, 81)],
    liquidated(-1), liquidated(-30),
    {"status": "Liquidated", "liquidated": None, "unclear": True},
    {"status": "Liquidated", "liquidated_text": "02/30/2026", "liquidated": None, "unclear": True},
    liquidated(0, "Unliquidated"), liquidated(1, "Unliquidated"), liquidated(-1, "Unliquidated"),
    liquidated(90, "Extended"),
    {"status": "", "liquidated": None, "unclear": True},
    {"status": "", "liquidated": None, "unclear": True, "control": "Trade"},
    {"status": "LQ7", "liquidated": ago(81), "unclear": True},
    # It may be a reliquidation.
    {"status": "LQ7", "liquidated": ago(80), "unclear": True},
    *[{"status": status, "liquidated": None} for status in ("Extended", "Suspended", "Under Review", "Unliquidated")],
    {"conflict": True, **liquidated(30), "unclear": True},
    # IEEPA duty
    goods(("99038803", 0, "250.00"), ("8504409550", 1000, "15.00")),
    goods(("99038187", 0, "250.00"), ("7318152010", 1000, "0.00")),
    goods(("8471300100", 1000, "0.00")),
    {"entry_date": "2026-03-02", **STILL_OPEN, **goods(("99030301", 0, "100.00"), ("8471300100", 1000, "0.00"))},
    {"entry_date": "2026-03-02", **STILL_OPEN, **goods(("99030311", 0, "0.00"), ("4901990093", 1000, "0.00"))},
    {"entry_date": "2026-09-01", **STILL_OPEN, **goods(("99030312", 0, "500.00"), ("8471300100", 1000, "0.00"))},
    {"entry_date": "2026-02-23", **STILL_OPEN, **goods(("99030301", 0, "100.00"), *OWED)},
    goods(("99030132", 0, "0.00"), ("8471300100", 1000, "0.00")),
    goods(("99030132", 0, "12.00"), ("8471300100", 1000, "0.00")),
    goods(("99030132", 0, "0.00"), *OWED),
    goods(("99030125", 0, "0.00"), ("8471300100", 1000, "0.00")),
    goods(("99030125", 0, "0.01"), ("8471300100", 1000, "0.00")),
    goods(("99030125", 0, "0"), ("99030124", 0, "200.00"), ("8471300100", 1000, "0.00")) | {"entry_date": "2025-11-09", **STILL_OPEN},
    goods(("99030220", 0, "31.00"), ("8471300100", 1000, "0.00")),
    goods(("99030125", 0, ""), ("8471300100", 1000, "0.00")) | {"unclear": True},
    goods(("99030125", 0, "1.234,56"), ("8471300100", 1000, "0.00")) | {"unclear": True},
    goods(("99030125", 0, "1.234,56"), ("99030124", 0, "100.00"), ("8471300100", 1000, "0.00")),
    # Headings outside their dates
    {"entry_date": "2025-04-04", **STILL_OPEN, **goods(*OWED)},
    {"entry_date": "2025-04-05", **STILL_OPEN, **goods(*OWED)},
    {"entry_date": "2025-03-03", **STILL_OPEN, **goods(("99030120", 0, "100.00"), ("8471300100", 1000, "0.00"))},
    {"entry_date": "2025-03-04", **STILL_OPEN, **goods(("99030120", 0, "100.00"), ("8471300100", 1000, "0.00"))},
    {"entry_date": "2026-02-06", **STILL_OPEN, **goods(("99030184", 0, "250.00"), ("8471300100", 1000, "0.00"))},
    {"entry_date": "2026-02-07", **STILL_OPEN, **goods(("99030184", 0, "250.00"), ("8471300100", 1000, "0.00"))},
    {"entry_date": "2026-02-23", **STILL_OPEN, **goods(*OWED)},
    {"entry_date": "2026-02-24", **STILL_OPEN, **goods(*OWED)},
    # Rates
    *[{"entry_date": date, **STILL_OPEN, **goods(("99030110", 0, duty), ("8471300100", 1000, "0.00"))}
      for date in ("2025-07-31", "2025-08-01") for duty in ("250.00", "350.00")],
    *[{"entry_date": date, **STILL_OPEN, **goods(("99030124", 0, duty), ("8471300100", 1000, "0.00"))}
      for date in ("2025-11-09", "2025-11-10") for duty in ("200.00", "100.00")],
    *[goods(("99030125", 0, duty), ("8471300100", 1000, "0.00")) for duty in ("97.99", "98.00", "102.00", "102.01")],
    # Goods value
    goods(("99030125", 1000, "100.00"), ("8471300100", 0, "0.00")),
    goods(("99030125", "0.01", "100.00"), ("8471300100", "999.99", "0.00")),
    goods(("99030125", "", "100.00"), ("8471300100", 1000, "0.00")),
    goods(("99030125", 0, "100.00"), ("8471300100", 0, "0.00")),
    goods(("99030125", 0, "100.00")),
    # Entry types
    *[{"type": kind} for kind in ("01", "02", "06", "08", "09", "21", "22", "23", "31", "32", "47", "51", "52")],
    *[{"type": kind, "status": "Suspended", "liquidated": None} for kind in ("03", "07", "34", "38")],
    *[{"type": kind, "status": "Unliquidated", "liquidated": None} for kind in ("03", "34")],
    {"type": "03", **liquidated(30)},
    {"type": "11", **liquidated(80)}, {"type": "11", **liquidated(81)}, {"type": "12", **liquidated(20)},
    {"type": "11", **liquidated(90, "Unliquidated")},
    # Reconciliation
    *[{"type": kind, "recon": True, "liquidated": None, "status": "Unliquidated"} for kind in ("01", "02", "06")],
    {"type": "03", "recon": True, "status": "Suspended", "liquidated": None},
    {"type": "31", "recon": True},
    {"recon": True, "type_09": ("yes", None)}, {"type_09": ("yes", None)},
    {"recon": True, "type_09": ("no", ago(-30))}, {"recon": True, "type_09": ("no", ago(-31))},
    {"recon": True, "type_09": ("no", ago(10))}, {"recon": True, "type_09": ("yes", ago(-30))},
    # Other proceedings
    {"drawback": True}, {"drawback": True, **liquidated(81)},
    *[{"protest": status, **liquidated(50)} for status in ("OP", "SP", "AP", "DN", "WD")],
    {"protest": "OP", **liquidated(81)}, {"protest_in_es003": "OP"}, {"protest_in_es003": "WD"},
    {"protest": "QQ", "unclear": True},
    *[{"type": "03", "status": "Suspended", "liquidated": None, "adcvd": state}
      for state in ("Suspended", "Pending liquidation", "Instructions issued")],
    {"type": "07", "status": "Unliquidated", "liquidated": None, "adcvd": "Pending liquidation"},
    {"type": "03", "adcvd": "Liquidated", **liquidated(10)},
    {"surety": True},
    # State of the summary, statements
    {"summary": "Rejected"}, {"summary": "Canceled"},
    {"control": "Inactive"}, {"control": "Trade"},
    *[{"statement": status} for status in ("PD", "Paid", "AU", "NP", "Authorized", "Not Paid")],
    {"statement": "??", "unclear": True},
    {"entry_date": "2026-09-30", **STILL_OPEN, **goods(*OWED)},
    {"entry_date": "2026-10-01", **STILL_OPEN, **goods(*OWED)},
    {"entry_date": "2026-10-01", **STILL_OPEN, **goods(*OWED), "statement": "PD"},
    {"entry_date": "2026-10-01", **STILL_OPEN, **goods(*OWED), "statement": "AU"},
    # Filed before
    {"claims": [("300000000019", "Entry Summary Updated", "")]},
    {"claims": [("300000000019", "Entry Summary Updated", "")],
     **goods(("99038803", 0, "250.00"), ("8504409550", 1000, "15.00"))},
    {"claims": [("300000000019", "Failed", "INVALID HTS")]},
    {"claims": [("300000000019", "Failed", "INVALID HTS"), ("300000000027", "Entry Summary Updated", "")]},
    {"claims": [("300000000019", "Received", "")], "unclear": True},
    {"cape": "Y", **goods(("8504409550", 1000, "15.00"))}, {"cape": "P"}, {"cape": "N"},
    {"reason": "36 - CAPE"}, {"reason": "01 - NO CHANGE"}, {"reason": "360"},
    # Post Summary Corrections
    *[{"psc": (status, None)} for status in ("Needed", "", "Rejected", "Filed", "Not needed")],
    # Accepted, and it is not known how long ago.
    {"psc": ("Accepted", None), "unclear": True},
    {"psc": ("Accepted", ago(14))}, {"psc": ("Accepted", ago(15))},
    # Several at once
    {"drawback": True, "protest": "OP", "type": "47", **liquidated(100)},
    {"summary": "Rejected", "control": "Inactive", "psc": ("Needed", None)},
    {"surety": True, "statement": "NP", "recon": True, "type": "03", "status": "Suspended", "liquidated": None},
]
# Before and after the days on which CBP changed its rules.
JUNE = [
    {"type": kind, "recon": recon, "type_09": type_09, "status": status}
    for kind, status in [("01", "Unliquidated"), ("02", "Unliquidated"), ("06", "Unliquidated"), ("03", "Suspended"),
                         ("21", "Unliquidated"), ("22", "Unliquidated"), ("31", "Unliquidated"), ("08", "Unliquidated")]
    for recon, type_09 in [(False, None), (True, None), (True, ("yes", None)), (False, ("yes", None)),
                           (True, ("no", ace.day("2026-12-31")))]
]
JUNE_DAYS = ["2026-06-28", "2026-06-29", "2026-07-06", "2026-07-07"]
ORDINARY = 62

ADDED = ["Importer Name", "Control Status", "Entry Summary Status", "Reconciliation Indicator", "Protest Status",
         "Liquidation Status", "Liquidation Date", "Liquidation Reason", "CAPE Indicator"]
NAMES = {OWN: "Made Up Imports LLC", SECOND: "Another Importer Inc", THIRD: "Third Trading Co"}


def entry(serial, filer, importer, changes):
    """An ordinary entry, with changes."""
    country = ["CN", "CA", "VN", "TH", "MX", "BR"][serial % 6]
    date = changes.get("entry_date") or ace.day("2025-11-14") + datetime.timedelta(serial * 7 % 100)
    date = ace.day(date) if isinstance(date, str) else date
    default = ace.next_friday(date + datetime.timedelta(314))
    made = {
        "number": ace.entry_number(filer, 5200000 + serial * 113), "type": "01", "importer": importer,
        "port": ["2704", "4601", "0401", "1703"][serial % 4], "country": country, "entry_date": date,
        "liquidated": default if default < FILING else None,
        "status": "Liquidated" if default < FILING else "Unliquidated",
        "lines": [ace.line(country, date, 500 + serial * 331 % 20000, serial + at) for at in range(1 + serial % 3)]
        if "lines" not in changes else [],
        "control": "CBP", "summary": "Accepted", "recon": False, "type_09": None, "protest": None,
        "protest_in_es003": "", "adcvd": None, "drawback": False, "surety": False, "statement": None, "claims": [],
        "cape": "", "reason": "", "psc": None, "conflict": False, "liquidated_text": None, "unclear": False,
        "exported": True,
    }
    return made | {name: value for name, value in changes.items() if name != "entry_date"}


def export(entry):
    """The entry's rows in the ES-003."""
    added = dict.fromkeys(ADDED, "") | {
        "Importer Name": NAMES[entry["importer"][:10]], "Control Status": entry["control"],
        "Entry Summary Status": entry["summary"], "Reconciliation Indicator": "Y" if entry["recon"] else "",
        "Protest Status": entry["protest_in_es003"], "Liquidation Status": entry["status"],
        "Liquidation Date": entry["liquidated_text"] or ace.us(entry["liquidated"]),
        "Liquidation Reason": entry["reason"], "CAPE Indicator": entry["cape"],
    }
    rows = list(ace.es003_rows(entry, added))
    if entry["conflict"]:
        rows[-1][len(ace.DEFAULT_COLUMNS) + ADDED.index("Liquidation Date")] = ace.us(ago(100))
        rows[0][len(ace.DEFAULT_COLUMNS) + ADDED.index("Liquidation Date")] = ace.us(ago(30))
    return rows


def main():
    entries = []
    for at, changes in enumerate(SCENARIOS):
        # Each scenario once with each broker; the importer's own entries are with both.
        entries.append(entry(at * 3, "ABC", [OWN, SECOND][at % 2], changes))
        entries.append(entry(at * 3 + 1, "XYZ", [THIRD, OWN][at % 2], changes))
    for at in range(ORDINARY):
        importer = [OWN, SECOND, THIRD][at % 3]
        entries.append(entry(2000 + at, ["ABC", "XYZ"][at // 3 % 2], importer, {}))
    strangers = [entry(3000, "ABC", OWN, {"exported": False}), entry(3001, "XYZ", OWN, {"exported": False}),
                 entry(3002, "SZ9", OWN, {"exported": False}), entry(3003, "SZ9", OWN, {"entry_date": "2026-01-20"})]
    suffixes = [entry(3010, "ABC", OWN + "01", {"entry_date": "2026-01-20"}),
                entry(3011, "ABC", OWN + "00", {"entry_date": "2026-01-21"})]
    entries += suffixes

    declarations = {
        "abc.csv": [made for made in entries if made["number"].startswith("ABC")],
        "xyz.csv": [made for made in entries if made["number"].startswith("XYZ")],
        "importer.csv": [made for made in entries if made["importer"].startswith(OWN)] + strangers
        + [made for made in entries if made["importer"] == THIRD][-3:],
    }
    # Each broker has two entries of the other one in its list.
    declarations["abc.csv"] += [made for made in declarations["xyz.csv"] if not made["unclear"]][-2:]
    declarations["xyz.csv"] += [made for made in declarations["abc.csv"] if made["number"].startswith("ABC")][-4:-2]
    accounts = {
        "abc.csv": {"role": "broker", "filers": ["ABC"]}, "xyz.csv": {"role": "broker", "filers": ["XYZ"]},
        "importer.csv": {"role": "importer", "importer": OWN, "couriers": ["SZ9"]},
    }
    expected = []
    for name, declared in declarations.items():
        for made in declared:
            verdict, *rules = judge(made, FILING, accounts[name])
            expected.append([name, made["number"], verdict, *(" ".join(ids) for ids in rules)])
        ace.write(HERE / name, ["Entry Number"], [[made["number"]] for made in declared])
        (HERE / name).with_suffix(".yaml").write_text(configuration(accounts[name]), newline="\n")
    ace.write(HERE / "expected.csv", ["declaration", "entry", "verdict", "errors", "stops", "warnings"], expected, "\n")

    everything = entries + [made for made in strangers if made["exported"]]
    write_tables("", everything)

    june = [entry(4000 + at, "ABC", OWN, {"entry_date": ace.day("2025-10-01") + datetime.timedelta(at % 20),
                                          "liquidated": None, **changes}) for at, changes in enumerate(JUNE)]
    ace.write(HERE / "june.csv", ["Entry Number"], [[made["number"]] for made in june])
    write_tables("june-", june)
    account = {"role": "broker", "filers": ["ABC"]}
    (HERE / "june.yaml").write_text(configuration(account, "june-"), newline="\n")
    days = [[day, made["number"], *judge(made, ace.day(day), account)[:2]] for day in JUNE_DAYS for made in june]
    ace.write(HERE / "june-expected.csv", ["filing_date", "entry", "verdict", "errors"],
              [[day, number, verdict, " ".join(errors)] for day, number, verdict, errors in days], "\n")


LISTS = ["es003", "claims", "psc", "protests", "reconciliation", "drawback", "surety", "adcvd", "statements"]


def configuration(account, prefix=""):
    """capelint.yaml for an account."""
    lines = ["account:", f"  role: {account['role']}"]
    if "filers" in account:
        lines.append(f"  filer_codes: [{', '.join(account['filers'])}]")
    if "importer" in account:
        lines.append(f'  importer_numbers: ["{account["importer"]}"]')
    if "couriers" in account:
        lines.append(f"  courier_filer_codes: [{', '.join(account['couriers'])}]")
    given = ["es003", "reconciliation"] if prefix else LISTS
    lines += ["tables:", *(f"  {name}: {prefix + name + '.csv' if name in given else 'none'}" for name in LISTS)]
    return "\n".join(lines) + "\n"


def write_tables(prefix, entries):
    """The export and the lists."""
    def table(name, columns, rows):
        ace.write(HERE / f"{prefix}{name}.csv", columns, list(rows))

    table("es003", ace.DEFAULT_COLUMNS + ADDED, (row for made in entries for row in export(made)))
    table("reconciliation", ["Entry Number", "Type 09 Filed", "Due Date"],
          ([made["number"], made["type_09"][0], ace.us(made["type_09"][1])] for made in entries if made["type_09"]))
    if prefix:
        return
    table("psc", ["Entry Number", "Status", "Filed Date"],
          ([made["number"], made["psc"][0], ace.us(made["psc"][1])] for made in entries if made["psc"]))
    table("protests", ["Entry Number", "Protest Status"],
          ([made["number"], made["protest"]] for made in entries if made["protest"]))
    table("adcvd", ["Entry Number", "Status"], ([made["number"], made["adcvd"]] for made in entries if made["adcvd"]))
    table("drawback", ["Entry Number"], ([made["number"]] for made in entries if made["drawback"]))
    table("surety", ["Entry Number"], ([made["number"]] for made in entries if made["surety"]))
    table("statements", ["Entry Summary Number", "Monthly Payment Status"],
          ([made["number"], made["statement"]] for made in entries if made["statement"]))
    table("claims", ["ENTRY_NUMBER", "CLAIM_NUMBER", "STATUS", "ERROR_DESCRIPTION"],
          ([f'="{made["number"]}"', f'="{claim}"', status, error]
           for made in entries for claim, status, error in made["claims"]))


if __name__ == "__main__":
    main()
