#!/usr/bin/env python3
"""Writes this folder: a realistic declaration, a planning sheet, what they are checked against, and
what the check has to find.

    python3 make.py

`expected.csv` and `verdicts.csv` come from the table of scenarios below, which was written by hand
from CBP's rules. They do not come from running capelint. Filing date: 2026-11-22.
"""

import datetime
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import ace  # noqa: E402

FILING = ace.day("2026-11-22")
IMPORTER = "12-3456789"
OTHER_IMPORTER = "98-7654321"


def ago(days):
    return FILING - datetime.timedelta(days)


# A scenario is (what it shows, verdict, rules, changes). Rules with `~` in front are waived; the verdict is
# the one without the waiver. Changes to an ordinary entry: `entry_date`, `liquidated` (a date), `status`,
# `lines`, `goods` (tariff rows in place of the first line's), and so on; `as_written` is the declaration's
# cell.
ENDS = ago(80)
SECTION_301 = [ace.tariff("99038803", 0, "625.00"), ace.tariff("8504409550", 2500, "37.50")]
SECTION_122 = [ace.tariff("99030301", 0, "480.00"), ace.tariff("9403608081", 4800, "0.00")]

DECLARATION = [
    ("ordinary", "ready", [], {}),
    ("ordinary", "ready", [], {"country": "CA"}),
    ("ordinary", "ready", [], {"country": "VN", "extra_lines": 2}),
    ("liquidated 93 days ago", "rejected", ["liquidated-over-80-days"], {"liquidated": ago(93)}),
    ("ordinary", "ready", [], {"country": "TH"}),
    ("ordinary", "ready", [], {"country": "MX", "extra_lines": 1}),
    ("day 81", "rejected", ["liquidated-over-80-days"], {"liquidated": ago(81)}),
    ("day 80, the last", "warned", ["liquidation-window-closing"], {"liquidated": ago(80)}),
    ("day 75", "warned", ["liquidation-window-closing"], {"liquidated": ago(75), "country": "CA"}),
    ("day 74", "ready", [], {"liquidated": ago(74), "country": "VN"}),
    ("past the time for a protest too", "rejected", ["liquidated-over-80-days"],
     {"entry_date": "2025-06-20", "liquidated": ace.day("2026-05-01"), "country": "CA"}),
    ("ordinary", "ready", [], {"country": "BR"}),
    ("written with dashes", "ready", ["entry-number-dashes"], {"as_written": "{dashed}"}),
    ("only Section 122", "rejected", ["only-section-122"],
     {"entry_date": "2026-03-10", "country": "VN", "goods": SECTION_122}),
    ("only Section 301", "rejected", ["no-ieepa-duty"], {"goods": SECTION_301}),
    ("IEEPA and Section 122", "ready", ["mixed-section-122"],
     {"entry_date": "2026-02-23", "country": "VN", "more": [SECTION_122]}),
    ("ordinary", "ready", [], {"country": "CN", "extra_lines": 2}),
    ("not in the ES-003", "rejected", ["entry-not-in-es003"], {"absent": True, "filer": "XYZ"}),
    ("PSC to be filed, window open", "stopped", ["psc-needed"],
     {"entry_date": "2026-02-06", "psc": ("Needed", "wrong classification on line 1", "")}),
    ("PSC to be filed, window closed", "warned", ["psc-too-late"],
     {"entry_date": "2026-01-14", "psc": ("Draft", "value of line 1", "")}),
    ("PSC done long ago", "ready", [], {"psc": ("Accepted", "country of origin", "03/02/2026")}),
    ("a digit mistyped", "rejected", ["check-digit"], {"as_written": "{typo}"}),
    ("ordinary", "ready", [], {"country": "CA", "extra_lines": 1}),
    ("on its second row", "rejected", [], {"twice": True}),
    ("ordinary", "ready", [], {"country": "TH", "extra_lines": 3}),
    ("a row without an entry number, which is no entry", "", ["blank-row"], {"as_written": "", "absent": True}),
    ("ordinary", "ready", [], {"country": "MX"}),
    ("a spreadsheet's rounding", "rejected", ["entry-number-scientific"],
     {"as_written": "6.05761E+10", "absent": True}),
    ("cut off", "rejected", ["entry-number-length"], {"as_written": "{cut}", "absent": True}),
    ("two digits exchanged", "rejected", ["check-digit"], {"as_written": "{exchanged}"}),
    ("a letter O for a zero", "rejected", ["entry-number-look-alike"], {"as_written": "{letter_o}"}),
    ("ordinary", "ready", [], {"country": "VN"}),
    ("protest open, inside the window", "rejected", ["protest-open"],
     {"liquidated": ago(51), "protest": ("OP", "IEEPA duty")}),
    ("protest withdrawn", "ready", [], {"liquidated": ago(58), "protest": ("WD", "IEEPA duty")}),
    ("accepted in October", "rejected", ["already-accepted"],
     {"claim": ("300000001247", "Entry Summary Updated", ""), "goods": SECTION_301}),
    ("failed in October, statement paid since", "ready", ["failed-before-resubmit"],
     {"claim": ("300000001247", "Failed", "STATEMENT PROCESSING NOT COMPLETE")}),
    ("the CAPE indicator is set", "rejected", ["already-in-cape"], {"cape": "Y", "goods": SECTION_301}),
    ("another importer's", "rejected", ["importer-number-mismatch"], {"importer": OTHER_IMPORTER}),
    ("another importer's, which is known", "rejected", ["~importer-number-mismatch"],
     {"importer": OTHER_IMPORTER, "waived": True}),
    ("warehouse entry", "rejected", ["warehouse-entry"], {"type": "21"}),
    ("withdrawal from warehouse", "ready", ["warehouse-withdrawal"], {"type": "31"}),
    ("flagged for reconciliation, no type 09 on file", "ready", ["reconciliation-after-cape"],
     {"recon": "Y", "country": "TH"}),
    ("extended", "ready", ["refund-waits-for-liquidation"], {"status": "Extended", "entry_date": "2025-09-17"}),
    ("liquidated, but nobody knows when", "undecided", ["liquidated-without-date"],
     {"status": "Liquidated", "country": "CA"}),
    ("twice the duty", "stopped", ["ieepa-rate-mismatch", "entry-summary-looks-wrong"],
     {"country": "VN", "goods": [ace.tariff("99030269", 0, "1440.00"), ace.tariff("9403608081", 3600, "0.00")]}),
    ("goods value on the IEEPA line", "rejected", ["goods-value-on-ieepa-line"],
     {"country": "CA", "goods": [ace.tariff("99030110", 2200, "770.00"), ace.tariff("8471300100", 0, "0.00")]}),
    ("ordinary", "ready", [], {"country": "CN"}),
    ("ordinary", "ready", [], {"country": "BR", "extra_lines": 1}),
    ("the same entry again", "", ["duplicate-entry", "entry-number-dashes"], {"again": "on its second row"}),
    ("ordinary", "ready", [], {"country": "VN", "extra_lines": 4}),
]
# Findings on the file as a whole.
DECLARATION_FILE = ["header-not-exact", "several-importers", "several-filer-codes"]

# The planning sheet: the rules of each row with the column they point at, and the sheet's cells.
PLANNING_COLUMNS = ["Client", "Entry Number", "IOR", "HTS", "Liquidation Date", "PSC Needed?", "Notes"]
PLANNING = [
    ("as planned", "ready", [], {}, {"HTS": "9903.01.24, 9903.01.25"}),
    ("ticked for a PSC", "stopped", ["psc-needed:PSC Needed?"], {"entry_date": "2026-02-10"},
     {"PSC Needed?": "yes", "Notes": "wrong country of origin"}),
    ("the sheet says Section 122, the ES-003 knows better", "warned", ["planned-section-122:HTS"],
     {"country": "VN"}, {"HTS": "9903.03.01"}),
    ("the sheet's date is too old", "warned", ["planned-liquidation-over-80-days:Liquidation Date"],
     {"liquidated": ago(37)}, {"Liquidation Date": "08/21/2026"}),
    ("the sheet and the ES-003 agree that it is too old", "rejected", ["liquidated-over-80-days:Entry Number"],
     {"liquidated": ago(100)}, {"Liquidation Date": ace.us(ago(100))}),
    ("the sheet names another importer", "warned",
     ["planned-importer-number-mismatch:IOR", "planned-importer-number-differs:IOR"], {}, {"IOR": OTHER_IMPORTER}),
    ("a date that is none", "stopped", ["planned-value-unreadable:Liquidation Date"], {"country": "CA"},
     {"Liquidation Date": "soon"}),
    ("also in declaration.csv", "rejected", ["duplicate-across-declarations:Entry Number"],
     {"again": "protest withdrawn"}, {}),
    ("as planned", "ready", [], {"country": "TH"}, {"HTS": "9903.02.61"}),
]
PLANNING_FILE = ["extra-columns", "quoted-cells"]

ADDED = {
    "Importer Name": "", "Control Status": "CBP", "Entry Summary Status": "Accepted",
    "Reconciliation Indicator": "N", "Protest Status": "", "Liquidation Status": "", "Liquidation Date": "",
    "CAPE Indicator": "",
}
NAMES = {IMPORTER: "Made Up Imports LLC", OTHER_IMPORTER: "Another Importer Inc"}


def entry(serial, changes):
    """An entry of the export. An ordinary one was liquidated 314 days after entry, on a Friday, if that
    day has come."""
    country = changes.get("country", "CN")
    date = ace.day("2025-11-14") + datetime.timedelta(serial * 2 % 97)
    if "liquidated" in changes:
        date = changes["liquidated"] - datetime.timedelta(314)
    date = ace.day(changes["entry_date"]) if "entry_date" in changes else date
    liquidated = changes.get("liquidated") or ace.next_friday(date + datetime.timedelta(314))
    if liquidated >= FILING or "status" in changes:
        liquidated = None
    first = changes.get("goods") or ace.line(country, date, 1000 + serial * 137 % 9000, serial)
    extra = [ace.line(country, date, 700 + serial * 61 % 5000 + at * 250, serial + at + 1)
             for at in range(changes.get("extra_lines", 0))]
    return {
        "number": ace.entry_number(changes.get("filer", "ABC"), 7100000 + serial * 37),
        "type": changes.get("type", "01"),
        "importer": changes.get("importer", IMPORTER),
        "port": ["2704", "4601", "0401"][serial % 3],
        "country": country,
        "entry_date": date,
        "status": changes.get("status") or ("Liquidated" if liquidated else "Unliquidated"),
        "liquidated": liquidated,
        "lines": [first, *extra, *changes.get("more", [])],
    }


def written(number, form):
    """The declaration's cell."""
    dashed = f"{number[:3]}-{number[3:10]}-{number[10]}"
    # The first two neighbors that differ, so that the check digit detects it.
    at = next(at for at in range(4, 9) if number[at] != number[at + 1])
    forms = {
        "{dashed}": dashed,
        "{cut}": number[:10],
        "{typo}": number[:6] + str((int(number[6]) + 3) % 10) + number[7:],
        "{exchanged}": number[:at] + number[at + 1] + number[at] + number[at + 2 :],
        "{letter_o}": number[:3] + number[3:].replace("0", "O", 1),
    }
    return forms.get(form, form)


def main():
    es003, findings, verdicts = [], [], []
    psc, protests, claims, waived = [], [], [], []
    numbers = {}

    def take(serial, name, changes):
        """Adds an entry to the export and the lists, and gives its number."""
        if "again" in changes:
            return numbers[changes["again"]]
        made = entry(serial, changes)
        number = numbers[name] = made["number"]
        if not changes.get("absent"):
            added = dict(ADDED)
            added["Importer Name"] = NAMES[made["importer"]]
            added["Reconciliation Indicator"] = changes.get("recon", "N")
            added["Protest Status"] = changes.get("protest", [""])[0]
            added["CAPE Indicator"] = changes.get("cape", "")
            added["Liquidation Status"] = made["status"]
            added["Liquidation Date"] = ace.us(made["liquidated"])
            es003.extend(ace.es003_rows(made, added))
        if "psc" in changes:
            psc.append([number, *changes["psc"]])
        if "protest" in changes:
            status, issue = changes["protest"]
            protests.append([number, f"2704-26-{100000 + serial}", status, issue])
        if "claim" in changes:
            claim, status, error = changes["claim"]
            claims.append([f'="{number}"', f'="{claim}"', status, error])
        if changes.get("waived"):
            waived.append(number)
        return number

    def expect(file, line, column, rules, cell):
        for rule in rules:
            rule, _, at = rule.partition(":")
            at = column(at) if at else column(None)
            entry = cell.replace("-", "")
            findings.append([file, line, at, rule.lstrip("~"), entry, "yes" if rule.startswith("~") else "no"])

    # The upload file: one column, so every finding is in column 1.
    expect("declaration.csv", 1, lambda _: 1, DECLARATION_FILE, "")
    rows = []
    for serial, (name, verdict, rules, changes) in enumerate(DECLARATION, 1):
        number = take(serial, name, changes)
        default = "{dashed}" if "again" in changes else number
        cell = written(number, changes.get("as_written", default))
        rows.append([cell])
        expect("declaration.csv", len(rows) + 1, lambda _: 1, rules, cell)
        if verdict:
            verdicts.append(["declaration.csv", len(rows) + 1, cell, verdict])
    ace.write(HERE / "declaration.csv", ["Entry Summary Number"], rows)

    # The planning sheet.
    expect("planning.csv", 1, lambda _: 1, PLANNING_FILE, "")
    rows = []
    for serial, (name, verdict, rules, changes, sheet) in enumerate(PLANNING, 61):
        number = take(serial, name, changes)
        cells = dict.fromkeys(PLANNING_COLUMNS, "") | {"Client": NAMES[IMPORTER], "IOR": IMPORTER}
        cells |= sheet | {"Entry Number": number}
        row = [cells[name] for name in PLANNING_COLUMNS]
        rows.append(row)

        def column(name):
            """Where a cell begins: the cells before it and their commas; a cell with a comma has quotes."""
            before = row[: PLANNING_COLUMNS.index(name)]
            return 1 + sum(len(cell) + 1 + 2 * ("," in cell) for cell in before)

        expect("planning.csv", len(rows) + 1, column, rules, number)
        verdicts.append(["planning.csv", len(rows) + 1, number, verdict])
    ace.write(HERE / "planning.csv", PLANNING_COLUMNS, rows)

    # The mistyped numbers' own entries are in the export, so that "did you mean" has an answer.
    ace.write(HERE / "es003.csv", ace.DEFAULT_COLUMNS + list(ADDED), es003)
    ace.write(HERE / "psc.csv", ["Entry Number", "Status", "Reason", "Filed Date"], psc)
    ace.write(HERE / "protests.csv", ["Entry Number", "Protest Number", "Protest Status", "Issue"], protests)
    ace.write(HERE / "claims.csv", ["ENTRY_NUMBER", "CLAIM_NUMBER", "STATUS", "ERROR_DESCRIPTION"], claims)
    ace.write(HERE / "expected.csv", ["file", "line", "column", "rule", "entry", "waived"], findings, "\n")
    ace.write(HERE / "verdicts.csv", ["file", "line", "written", "verdict"], verdicts, "\n")
    (HERE / "capelint.yaml").write_text(CONFIGURATION.format(waived=", ".join(waived)), newline="\n")


CONFIGURATION = """\
# What does not change from day to day. Paths count from this file's folder.
account:
  role: importer
  importer_numbers: ["12-3456789"]

tables:
  es003: es003.csv
  psc: psc.csv
  protests: protests.csv
  claims: claims.csv
  drawback: none          # nothing to list
  surety: none
  reconciliation: none
  adcvd: none
  # statements: not exported yet, which the report says

waivers:
  - rule: importer-number-mismatch
    entries: [{waived}]
    reason: the account was merged into ours, confirmed by CBP on 2026-11-12
    until: 2026-12-31
"""

if __name__ == "__main__":
    main()
