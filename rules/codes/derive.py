#!/usr/bin/env python3
"""Derive federal_holidays.csv, and check the lists of Chapter 99. usage: python3 derive.py

federal_holidays: 5 USC 6103(a), on the day it is observed: Friday for a Saturday (6103(b)), Monday
for a Sunday (Executive Order 11582, section 3(a), as the Office of Personnel Management cites it; the
order's own text was not seen). Inauguration Day (6103(c)) is a holiday only in the Washington area and
falls on Martin Luther King Jr. Day in 2025; days on which federal offices closed by order (such as
2025-12-24 and 2025-12-26) are not holidays under the law. Neither is listed.

chapter99.csv, ieepa_rates.csv and ieepa_floors.csv are sources, not derived: each row names where its
facts are written. In `source`, (s) marks a fact whose official text was read, (r) official words that
others quote, (o) one that no source answers; `certainty` is the weakest of a row's facts. What the three
lists say of one heading must agree, which `check` holds.
"""
import csv
import datetime as dt
from pathlib import Path

HERE = Path(__file__).parent
DAY = dt.timedelta(days=1)


def read(name):
    with open(HERE / name, newline="") as file:
        return list(csv.DictReader(file))


def check():
    """What two lists say of one heading agrees; each period ends before the next begins."""
    headings = {row["heading"]: row for row in read("chapter99.csv")}
    lists = {"adds": "ieepa_rates.csv", "floor": "ieepa_floors.csv"}
    for duty, name in lists.items():
        periods = {}
        for row in read(name):
            periods.setdefault(row["heading"], []).append(row)
        wanted = {row["heading"] for row in headings.values() if row["authority"] == "IEEPA" and row["duty"] == duty}
        assert set(periods) == wanted, (name, set(periods) ^ wanted)
        for heading, rows in periods.items():
            row = headings[heading]
            assert rows[0]["from"] == row["first_entry_date"] and rows[-1]["until"] == row["last_entry_date"], heading
            for before, after in zip(rows, rows[1:]):
                assert dt.date.fromisoformat(before["until"]) + DAY == dt.date.fromisoformat(after["from"]), heading
    for row in headings.values():
        for fact in ("first", "last"):
            assert bool(row[f"{fact}_certainty"]) == bool(row[f"{fact}_entry_date"]), row["heading"]
            assert row[f"{fact}_certainty"] in ("stated", "relayed", "open", ""), row["heading"]


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
    check()
    write("federal_holidays.csv", ["date", "name"], sorted(h for y in range(2025, 2029) for h in holidays(y)))
