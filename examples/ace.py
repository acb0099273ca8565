"""What both examples share: entry numbers, the layout of ES-003, rates, and how ACE writes values.

Written from CBP's texts (CATAIR Appendix E, HTS 2026 Revision 6), not from the program, so that the
examples can contradict it. Everything is made up; the same run always writes the same bytes.
"""

import datetime
import pathlib
from decimal import ROUND_HALF_UP, Decimal

# The report's 27 default columns, in its order.
DEFAULT_COLUMNS = [
    "Entry Summary Number", "Entry Type Code", "Importer Number", "Port of Entry Code", "Entry Date",
    "Entry Summary Date", "Initial Entry Summary Create Date", "Entry Summary Line Number",
    "Review Team Number", "Country of Origin Code", "Country of Export Code", "Manufacturer ID",
    "Foreign Exporter ID", "Line SPI Code", "Standard Visa Number", "Textile Category Code",
    "Textile Category", "Tariff Ordinal Number", "HTS Number - Full", "Line Tariff Quantity (1)",
    "Line Tariff UOM (1) Code", "Line Tariff Quantity (2)", "Line Tariff UOM (2) Code",
    "Line Tariff Quantity (3)", "Line Tariff UOM (3) Code", "Line Tariff Goods Value Amount",
    "Line Tariff Duty Amount",
]

# Country of origin -> the IEEPA headings of its goods, each with (from, rate in percent).
IEEPA = {
    "CN": [("99030124", [("2025-03-04", 20), ("2025-11-10", 10)]), ("99030125", [("2025-04-05", 10)])],
    "CA": [("99030110", [("2025-03-04", 25), ("2025-08-01", 35)])],
    "MX": [("99030101", [("2025-03-04", 25)])],
    "VN": [("99030269", [("2025-08-07", 20)])],
    "TH": [("99030261", [("2025-08-07", 19)])],
    "BR": [("99030177", [("2025-08-06", 40)])],
}
# What is imported: HTS number, ordinary rate in percent.
GOODS = [
    ("8471300100", "0"), ("3923900080", "3"), ("6109100012", "16.5"), ("9403608081", "0"),
    ("8528722200", "3.9"), ("0901210035", "0"), ("4202923131", "17.6"), ("8504409550", "1.5"),
]


def day(text):
    return datetime.date.fromisoformat(text)


def us(date):
    """A date as ACE writes it."""
    return date.strftime("%m/%d/%Y") if date else ""


def check_digit(ten):
    """CATAIR Appendix E: letters are digits, every second one is doubled, the digit fills up to ten."""
    total = 0
    for at, character in enumerate(ten):
        if character.isdigit():
            value = int(character)
        elif character <= "I":
            value = ord(character) - ord("A") + 1
        elif character <= "R":
            value = ord(character) - ord("J") + 1
        else:
            value = ord(character) - ord("S") + 2
        if at % 2:
            value = sum(divmod(value * 2, 10))
        total += value
    return str((10 - total % 10) % 10)


def entry_number(filer, serial):
    ten = f"{filer}{serial:07}"
    return ten + check_digit(ten)


assert entry_number("ABC", 1234567) == "ABC12345676" and entry_number("SZ9", 1234567) == "SZ912345674"


def cents(amount):
    return Decimal(amount).quantize(Decimal("0.01"), ROUND_HALF_UP)


def percent(rate, value):
    return cents(Decimal(str(rate)) * Decimal(value) / 100)


def rate_on(periods, date):
    """The rate of a heading on an entry date."""
    return [rate for since, rate in periods if day(since) <= date][-1]


def tariff(hts, value, duty):
    """A tariff row of a line: HTS number, goods value, duty."""
    return {"hts": hts, "value": str(value), "duty": str(duty)}


def line(country, date, value, goods):
    """The tariff rows of a line as they should be: IEEPA headings with duty, the commodity with value."""
    hts, ordinary = GOODS[goods % len(GOODS)]
    rows = [tariff(heading, 0, percent(rate_on(periods, date), value)) for heading, periods in IEEPA[country]]
    return rows + [tariff(hts, value, percent(ordinary, value))]


def next_friday(date):
    """CBP liquidates on Fridays."""
    return date + datetime.timedelta((4 - date.weekday()) % 7)


def cell(text):
    """A cell as a CSV file has it, in quotes only where it has to be. A text guard is no reason: ACE
    writes it bare."""
    special = "," in text or "\n" in text or ('"' in text and not text.startswith('="'))
    return '"' + text.replace('"', '""') + '"' if special else text


def write(path, header, rows, line_end="\r\n"):
    """Writes a CSV file."""
    lines = [",".join(cell(str(text)) for text in row) + line_end for row in [header, *rows]]
    pathlib.Path(path).write_bytes("".join(lines).encode())


def es003_rows(entry, added):
    """The ES-003 rows of an entry: one for each tariff number of each line. `added` gives the columns
    behind the 27, by name."""
    date = entry["entry_date"]
    for number, rows in enumerate(entry["lines"], 1):
        for ordinal, row in enumerate(rows, 1):
            commodity = not row["hts"].startswith("99")
            known = {
                "Entry Summary Number": entry["number"],
                "Entry Type Code": entry["type"],
                "Importer Number": entry["importer"],
                "Port of Entry Code": entry["port"],
                "Entry Date": us(date),
                "Entry Summary Date": us(date + datetime.timedelta(10)),
                "Initial Entry Summary Create Date": us(date + datetime.timedelta(4)),
                "Entry Summary Line Number": f"{number:03}",
                "Review Team Number": "417",
                "Country of Origin Code": entry["country"],
                "Country of Export Code": entry["country"],
                "Manufacturer ID": f"{entry['country']}MADEUP{entry['number'][-4:]}",
                "Tariff Ordinal Number": str(ordinal),
                "HTS Number - Full": row["hts"],
                "Line Tariff Quantity (1)": "100" if commodity else "",
                "Line Tariff UOM (1) Code": "NO" if commodity else "",
                "Line Tariff Goods Value Amount": row["value"],
                "Line Tariff Duty Amount": row["duty"],
            }
            cells = [known.get(column, "") for column in DEFAULT_COLUMNS]
            yield cells + [row.get(name, value) for name, value in added.items()]
