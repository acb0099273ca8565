"""Workbooks as people make them of the march example, and what capelint says about them.

usage: books.py write FOLDER       makes workbooks of march's files in the folder, with openpyxl
       books.py same A B RULE…     two jsonl reports say the same, but for these rules
       books.py places FILE BOOK…  each cell that a jsonl report names holds what it says
"""
import collections
import csv
import datetime
import json
import re
import sys

import openpyxl
import xlwt
from openpyxl.styles import Font, PatternFill

DATE = re.compile(r"(\d\d)/(\d\d)/(\d\d\d\d)$")


def typed(text):
    """What a spreadsheet makes of a text that is typed into it: dates, and numbers without zeros."""
    if not text:
        return None
    date = DATE.match(text)
    if date:
        month, day, year = map(int, date.groups())
        return datetime.datetime(year, month, day)
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if re.fullmatch(r"-?\d+\.\d+", text):
        return float(text)
    return text


def fill(sheet, rows, first, titles=()):
    for number, title in enumerate(titles, 1):
        sheet.cell(number, 1, title).font = Font(bold=True)
    for line, row in enumerate(rows, first):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(line, column, text if line == first else typed(text))
            if isinstance(cell.value, datetime.datetime):
                cell.number_format = "mm/dd/yyyy"
    # A sheet that was once longer: rows without a value, but with a format.
    for line in range(first + len(rows), first + len(rows) + 200):
        for column in range(1, 6):
            sheet.cell(line, column).fill = PatternFill("solid", fgColor="FFFFCC")
    sheet.freeze_panes = sheet.cell(first + 1, 1)
    sheet.auto_filter.ref = sheet.dimensions


def read(name):
    with open(name, newline="") as file:
        return list(csv.reader(file))


def add_entry(folder, like, number):
    """One more entry, whose number loses its zeros where it becomes a number of a spreadsheet."""
    rows = [[number, *row[1:]] for row in read(f"{folder}/es003.csv") if row[0] == like]
    with open(f"{folder}/es003.csv", "a", newline="") as file:
        csv.writer(file).writerows(rows)
    with open(f"{folder}/declaration.csv", "a") as file:
        file.write(f"{number}\n")


def write(folder):
    # Public record: CBP ruling HQ H005628.
    add_entry(folder, "ABC71000378", "00261103162")

    book = openpyxl.Workbook()
    book.active.title = "Parameters"
    book.active.append(["Run by", "A. Broker"])
    book.active.append(["Entry Summary Number", "is like", "ABC*"])
    report = book.create_sheet("Main Report")
    fill(report, read(f"{folder}/es003.csv"), 5,
         ["ES-003 Entry Summary Line Tariff Details", "Run on 11/20/2026", "Filter: all"])
    book.create_sheet("Notes").append(["Nothing to see here"])
    book.save(f"{folder}/es003.xlsx")

    # No sheet of the preferred name: the only one with the key column. Days counted from 1904, as on a Mac.
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["Nothing to see here"])
    fill(book.create_sheet("Export 2026"), read(f"{folder}/es003.csv"), 1)
    book.save(f"{folder}/renamed.xlsx")

    book = openpyxl.Workbook()
    fill(book.active, read(f"{folder}/planning.csv"), 1)
    book.create_sheet("Contacts").append(["Kim", "555-0100"])
    book.save(f"{folder}/planning.xlsx")

    # Streamed, as scripts write: no shared texts, no sizes written beforehand.
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Main Report")
    for row in read(f"{folder}/es003.csv"):
        sheet.append([typed(text) for text in row])
    book.save(f"{folder}/streamed.xlsx")

    for name in "es003", "planning":
        save_as_old(folder, name)


def save_as_old(folder, name):
    """The workbook of that name in the old binary format."""
    book = xlwt.Workbook()
    day = xlwt.easyxf(num_format_str="mm/dd/yyyy")
    for sheet in openpyxl.load_workbook(f"{folder}/{name}.xlsx"):
        to = book.add_sheet(sheet.title)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    style = [day] if isinstance(cell.value, datetime.date) else []
                    to.write(cell.row - 1, cell.column - 1, cell.value, *style)
    book.save(f"{folder}/{name}.xls")


def plain(value):
    """A cell's text without what spreadsheets change: dates, zeros, the point of whole numbers."""
    if value is None or value == "":
        return None
    value = str(value)
    date = DATE.match(value)
    if date:
        value = "{2}-{0}-{1}".format(*date.groups())
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        value = format(float(value), "f").rstrip("0").rstrip(".")
    return value


def without_names(text):
    """A message without what may differ: the file's name, and a line's zeros, which are as written."""
    return text and re.sub(r"\bline 0*(?=\d)", "line ", re.sub(r"[\w/-]+\.(csv|xlsx?)", "FILE", text))


def said(report, left_out):
    """What a report says, without places."""
    lines = [json.loads(line) for line in open(report)]
    assert lines[1]["type"] == "summary", f"{report} is not whole"
    for line in lines:
        if line.get("rule") in left_out:
            continue
        if line["type"] == "entry":
            rules = [[rule for rule in line[list] if rule not in left_out] for list in ("rules", "undecided")]
            yield "entry", line["entry"], line["verdict"], str(rules), line["deadline"], line["ieepa_duty"]
        elif line["type"] == "finding":
            labels = [(label["place"]["column_name"], plain(label["value"]), label["text"])
                      for label in line["labels"]]
            yield ("finding", line["rule"], line["severity"], line["entry"], without_names(line["message"]),
                   without_names(line["help"]), line["deadline"], str(labels))
        elif line["type"] == "undecided":
            yield "undecided", line["rule"], line["entries"], without_names(line["message"]), line["help"]


def same(one, other, left_out):
    one = collections.Counter(said(one, left_out))
    other = collections.Counter(said(other, left_out))
    assert one, "nothing was said"
    for sign, differ in (("-", one - other), ("+", other - one)):
        for line in differ:
            print(sign, *line)
    if one != other:
        sys.exit("FAILED: the reports differ")


def places(report, names):
    """Each cell that is named holds the value that is told, under the header that is told."""
    books = {name: openpyxl.load_workbook(name, data_only=True) for name in names}
    checked = 0
    for line in open(report):
        line = json.loads(line)
        told = [(label["place"], label["value"]) for label in line.get("labels", [])]
        if line["type"] == "finding" and line["place"]["column_name"] == "Entry Number":
            told.append((line["place"], line["written"]))
        for place, value in told:
            if place["file"] not in books or not place["column_name"]:
                continue
            sheet = books[place["file"]][place["sheet"]]
            cell = sheet.cell(place["line"], place["column"]).value
            if isinstance(cell, datetime.datetime):
                cell = cell.date().isoformat()
            headers = [row[place["column"] - 1].value for row in sheet.iter_rows(max_row=place["line"] - 1)]
            assert place["column_name"] in headers, (place, headers)
            assert plain(cell) == plain(value), (place, cell, value)
            checked += 1
    assert checked > 2, f"only {checked} places"


if __name__ == "__main__":
    what, first, *rest = sys.argv[1:]
    if what == "write":
        write(first)
    elif what == "same":
        same(first, rest[0], set(rest[1:]))
    else:
        places(first, rest)
