#!/usr/bin/env python3
"""Whole-process times and peak memory, side by side in one run.

usage: python3 benches/whole.py [--runs N] [--entries N] [--binary PATH] [--large]
Makes the reference case (200,000 entries, 867,100 rows, 144 MB, and a declaration of 9,999 of them) under
target/bench, then runs every command, each round in another order, N rounds after one warm-up, and prints
the median. Peers that are not installed (duckdb, polars: `pip install duckdb polars`; xan: `cargo install xan`) are left out.

With openpyxl, also the first 200,000 rows of the export as a workbook. With --large, three more cases, three
rounds each: an export 10 times as large (1.4 GB) for the same number of declared entries, 100 declarations
(999,900 entries) in one run against that export, and a plan for all its 2,000,000 entries, beside DuckDB writing the
same lists by one join and 4 checks.
"""
import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "..", "target", "bench")


def measure(command, cwd):
    """Seconds and peak memory (MiB) of one run."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    # 1 is a run that found something.
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: exit code {process.returncode}")
    return seconds, usage.ru_maxrss / 1024


def installed(module):
    return subprocess.run([sys.executable, "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode == 0


TYPES = ["01", "02", "03", "06", "07", "08", "11", "12", "21", "22", "23", "31", "32", "34", "38", "47", "51", "52"]


def house_rules(path, count=200):
    with open(path, "w") as out:
        out.write("rules:\n")
        for n in range(count):
            out.write(
                f"  - id: house-{n}\n    title: House rule {n}\n    severity: warning\n    each: entry\n"
                f"    when: {{ es003.entry_type: \"{TYPES[n % len(TYPES)]}\" }}\n"
                f"    forbid: {{ some: es003, where: {{ duty: {{ above: {(n + 100) * 1000} }} }} }}\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--binary", default=os.path.join(HERE, "..", "target", "release", "capelint"))
    args = parser.parse_args()
    folder = os.path.abspath(os.path.join(FOLDER, str(args.entries)))
    if not os.path.exists(f"{folder}/declaration.csv"):
        subprocess.run([sys.executable, f"{HERE}/peers/gen_es003.py", str(args.entries), folder], check=True)
    with open(f"{folder}/one.csv", "w", newline="") as out:
        out.write("Entry Number\r\nABC12345676\r\n")
    house_rules(f"{folder}/house.yaml")
    binary = os.path.abspath(args.binary)
    check = [binary, "check", "declaration.csv", "--isolated", "--es003", "es003.csv", "--filing-date", "2026-11-22"]
    # A day on which all liquidated entries are far past the window: thousands of findings.
    late = check[:-1] + ["2027-06-01"]
    commands = {
        "wc -l": ["wc", "-l", "es003.csv"],
        "capelint, built-in pack": check,
        "capelint, 200 house rules more": check + ["--rules", "house.yaml"],
        "capelint, most entries late": late,
        "capelint, most entries late, all printed": late + ["--max-per-rule", "0"],
        "capelint, most entries late, jsonl": late + ["--format", "jsonl"],
        "capelint, one entry, no tables": [binary, "check", "one.csv", "--isolated", "--filing-date", "2026-11-22"],
    }
    if shutil.which("xan"):
        commands["xan count"] = ["xan", "count", "es003.csv"]
    for module in ("duckdb", "polars"):
        if installed(module):
            commands[f"{module}, 4 checks"] = [sys.executable, f"{HERE}/peers/{module}_check.py", "."]
    if installed("openpyxl") and shutil.which("unzip"):
        workbook(folder)
        book = [part.replace("es003.csv", "es003.xlsx") for part in check]
        commands["capelint, workbook of 200,000 rows"] = book
        commands["unzip -p of its sheet"] = ["unzip", "-p", "es003.xlsx", "xl/worksheets/sheet1.xml"]
    compare(commands, folder, args.runs)
    if args.large:
        large(binary)


WORKBOOK = """
import csv, itertools, openpyxl
book = openpyxl.Workbook(write_only=True)
sheet = book.create_sheet("Main Report")
for at, row in enumerate(itertools.islice(csv.reader(open("es003.csv", newline="")), 200_001)):
    sheet.append(row if at == 0 else row[:25] + [float(cell or 0) for cell in row[25:27]] + row[27:])
book.save("es003.xlsx")
"""


def workbook(folder):
    """The first 200,000 rows of the export as a workbook. In a process of its own, for its memory."""
    if not os.path.exists(f"{folder}/es003.xlsx"):
        subprocess.run([sys.executable, "-c", WORKBOOK], cwd=folder, check=True)


def compare(commands, folder, runs):
    """Runs the commands in turn and prints what they took."""
    results = {name: [] for name in commands}
    for run in range(runs + 1):
        # In another order each round: what ran before leaves caches and the processor as it had them.
        names = list(commands)
        random.Random(run).shuffle(names)
        for name in names:
            measured = measure(commands[name], folder)
            if run > 0:
                results[name].append(measured)
    peer = next((name for name in results if name.startswith("xan")), None)
    print(f"| command | median s | fastest s | {peer or '-'}, times | peak MiB |\n|---|---|---|---|---|")
    for name, measured in results.items():
        seconds = [seconds for seconds, _ in measured]
        # Round by round: what else the machine does then slows both.
        times = [mine / theirs for (mine, _), (theirs, _) in zip(measured, results.get(peer, []))]
        times = f"{statistics.median(times):.2f}" if times else ""
        memory = max(memory for _, memory in measured)
        print(f"| {name} | {statistics.median(seconds):.3f} | {min(seconds):.3f} | {times} | {memory:.0f} |")


def write_declarations(export, folder, most=None):
    """Names the entries of an export in declarations of 9,999 entries, at most so many."""
    os.makedirs(folder, exist_ok=True)
    # One number at a time: a child's peak memory includes that of its parent.
    count, last, out = 0, None, None
    with open(export, encoding="utf-8") as rows:
        next(rows)
        for row in rows:
            if row[:11] == last:
                continue
            last = row[:11]
            if count % 9999 == 0:
                if out:
                    out.close()
                if count // 9999 == most:
                    return
                out = open(f"{folder}/declaration-{count // 9999:03}.csv", "w", newline="", encoding="utf-8")
                out.write("Entry Number\r\n")
            out.write(f"{last}\r\n")
            count += 1
    if out:
        out.close()


def large(binary):
    """The export of 10 times the size, and 100 declarations against it."""
    folder = os.path.abspath(os.path.join(FOLDER, "2000000"))
    if not os.path.exists(f"{folder}/declaration.csv"):
        subprocess.run([sys.executable, f"{HERE}/peers/gen_es003.py", "2000000", folder], check=True)
    if not os.path.exists(f"{folder}/hundred/declaration-099.csv"):
        write_declarations(f"{folder}/es003.csv", f"{folder}/hundred", most=100)
    flags = ["--isolated", "--es003", "es003.csv", "--filing-date", "2026-11-22"]
    commands = {
        "capelint, 10 times the export": [binary, "check", "declaration.csv", *flags],
        "capelint, 100 declarations": [binary, "check", "hundred", *flags],
        "capelint plan, 2,000,000 entries": [
            binary, "plan", "es003.csv", "--isolated", "--filing-date", "2026-11-22", "--force", "--out", "planned"],
    }
    if installed("duckdb"):
        peer = [sys.executable, f"{HERE}/peers/duckdb_plan.py", ".", "planned-duckdb"]
        commands["duckdb, the lists of the plan by 4 checks"] = peer
    if shutil.which("xan"):
        commands["xan count, 10 times the export"] = ["xan", "count", "es003.csv"]
    compare(commands, folder, 3)


if __name__ == "__main__":
    main()
