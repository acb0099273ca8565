#!/usr/bin/env python3
"""Derive ieepa_rates.csv and federal_holidays.csv. usage: python3 derive.py (beside chapter99.csv)

ieepa_rates: one row a heading and period in which its rate is known. Taken from chapter99.csv, whose
rates are those of HTS 2026 Revision 6, except: a heading whose rate changed gets a row for each
period; a floor (the rate depends on the ordinary duty) and a provision that was suspended or
terminated on a day chapter99.csv does not give get none.

federal_holidays: 5 USC 6103(a), on the day it is observed: Friday for a Saturday (6103(b)), Monday
for a Sunday (Executive Order 11582, section 3(a), as the Office of Personnel Management cites it; the
order's own text was not seen). Inauguration Day (6103(c)) is a holiday only in the Washington area and
falls on Martin Luther King Jr. Day in 2025; days on which federal offices closed by order (such as
2025-12-24 and 2025-12-26) are not holidays under the law. Neither is listed.
"""
import csv
import datetime as dt
from pathlib import Path

HERE = Path(__file__).parent
DAY = dt.timedelta(days=1)

# heading: (from, until, percent), from the notes of chapter99.csv.
CHANGED = {
    "9903.01.10": [("2025-03-04", "2025-07-31", 25), ("2025-08-01", "2026-02-23", 35)],
    "9903.01.24": [("2025-03-04", "2025-11-09", 20), ("2025-11-10", "2026-02-23", 10)],
    "9903.02.56": [("2025-08-07", "2025-11-13", 15)],
}


def rates():
    for row in csv.DictReader(open(HERE / "chapter99.csv", newline="")):
        heading = row["heading"]
        if row["authority"] != "IEEPA" or row["duty"] != "adds":
            continue
        if heading in CHANGED:
            yield from ((heading, *period) for period in CHANGED[heading])
        elif not row["note"]:
            yield heading, row["first_entry_date"], row["last_entry_date"], row["rate_percent"]


def nth(year, month, weekday, n):
    day = dt.date(year, month, 1)
    while day.weekday() != weekday:
        day += DAY
    return day + 7 * (n - 1) * DAY


def last_monday_of_may(year):
    day = dt.date(year, 5, 31)
    while day.weekday() != 0:
        day -= DAY
    return day


def observed(day):
    return day - DAY if day.weekday() == 5 else day + DAY if day.weekday() == 6 else day


def holidays(year):
    return [
        (observed(dt.date(year, 1, 1)), "New Year's Day"),
        (nth(year, 1, 0, 3), "Birthday of Martin Luther King, Jr."),
        (nth(year, 2, 0, 3), "Washington's Birthday"),
        (last_monday_of_may(year), "Memorial Day"),
        (observed(dt.date(year, 6, 19)), "Juneteenth National Independence Day"),
        (observed(dt.date(year, 7, 4)), "Independence Day"),
        (nth(year, 9, 0, 1), "Labor Day"),
        (nth(year, 10, 0, 2), "Columbus Day"),
        (observed(dt.date(year, 11, 11)), "Veterans Day"),
        (nth(year, 11, 3, 4), "Thanksgiving Day"),
        (observed(dt.date(year, 12, 25)), "Christmas Day"),
    ]


def write(name, header, rows):
    with open(HERE / name, "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    write("ieepa_rates.csv", ["heading", "from", "until", "percent"], rates())
    write("federal_holidays.csv", ["date", "name"], sorted(h for y in range(2025, 2029) for h in holidays(y)))
