"""Lints a large set of declarations with Spark: one capelint run for each partition.

    spark-submit lint_declarations.py 'lake/declarations/*.csv' --es003 /mnt/ace/es003.csv \
        --out lake/capelint --filing-date 2026-11-22

Declarations are read from wherever Spark reads (a folder, a pattern, an object store). Each task
writes those of its partition to a folder of its own, runs the binary once over them and gives its
jsonl back as rows. `capelint` and the reference tables must be there on every worker, under the
same path: on a mounted volume, in the image, or put there by `--files`.

What comes out, in Parquet under --out:
    records     one row for each line of jsonl: findings, undecided, entries, summaries
    duplicates  entry numbers that stand in more than one declaration; a task sees only its own
                partition, so this is found over all of them

Exit codes are capelint's: 0 nothing that CBP would refuse, 1 findings, 2 where some declaration
could not be judged at all (its row in `records` has type `failed` and says why).
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import traceback
from urllib.parse import unquote

import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

RECORDS = (
    "file string, type string, rule string, severity string, entry string, verdict string, "
    "line long, column long, message string, help string, json string"
)
COLUMNS = [column.split()[0] for column in RECORDS.split(", ")]


def record(line):
    """The row of one line of jsonl."""
    data = json.loads(line)
    place = data.get("place") or {}
    return {
        "file": place.get("file"),
        "type": data["type"],
        "rule": data.get("rule"),
        "severity": data.get("severity"),
        "entry": data.get("entry"),
        "verdict": data.get("verdict"),
        "line": place.get("line"),
        "column": place.get("column"),
        "message": data.get("message"),
        "help": data.get("help"),
        "json": line,
    }


def failed(path, message):
    """The row of a declaration that could not be judged."""
    row = dict.fromkeys(COLUMNS)
    row.update(file=path, type="failed", message=message, json=json.dumps({"type": "failed", "message": message}))
    return row


def run(command, files):
    """Runs capelint over local files: its lines of jsonl, or None with what it said on stderr."""
    done = subprocess.run(
        [*command, "--", *files], stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8"
    )
    if done.returncode not in (0, 1):
        return None, done.stderr.strip() or f"capelint ended with {done.returncode}"
    return done.stdout.splitlines(), ""


def lint_partition(command):
    """The function for `mapInPandas`: declarations (path, content) in, records out."""

    def lint(batches):
        with tempfile.TemporaryDirectory(prefix="capelint-partition-") as folder:
            paths, files = [], []
            for batch in batches:
                for path, content in zip(batch["path"], batch["content"]):
                    # A folder each: the names, which reports show, may be the same in two places.
                    own = os.path.join(folder, str(len(files)))
                    os.mkdir(own)
                    files.append(os.path.join(own, os.path.basename(path)))
                    paths.append(path)
                    with open(files[-1], "wb") as file:
                        file.write(content)
            if not files:
                return
            named = Naming(folder, files, paths)
            lines, _ = run(command, files)
            if lines is not None:
                rows = [record(named.true(line)) for line in lines]
            else:
                # One unreadable declaration keeps a run from judging any: judge each alone.
                rows = []
                for file, path in zip(files, paths):
                    lines, why = run(command, [file])
                    if lines is None:
                        rows.append(failed(path, named.true(why)))
                    else:
                        rows += [record(named.true(line)) for line in lines]
            yield pd.DataFrame(rows, columns=COLUMNS).astype({"line": "Int64", "column": "Int64"})

    return lint


class Naming:
    """Puts the declarations' own paths where capelint names the local ones, FOLDER/N/NAME."""

    def __init__(self, folder, files, paths):
        self.prefix = escaped(os.path.join(folder, ""))
        self.names = [(escaped(file)[len(self.prefix) :], escaped(path)) for file, path in zip(files, paths)]

    def true(self, text):
        first, *rest = text.split(self.prefix)
        for part in rest:
            local, path = self.names[int(re.match(r"\d+", part).group())]
            first += path + part[len(local) :]
        return first


def not_read(declarations):
    """The files that Spark lists and gives no row for: it passes over empty ones without a word."""

    def plain(path):
        return re.sub("^file:/+", "file:/", path)

    read = {plain(row["path"]) for row in declarations.select("path").collect()}
    listed = {plain(path): plain(unquote(path)) for path in declarations.inputFiles()}
    return sorted(path for raw, path in listed.items() if raw not in read and path not in read)


def escaped(text):
    """As it stands in JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def main():
    parser = argparse.ArgumentParser(description="Lint a large set of CAPE declarations with Spark.")
    parser.add_argument("declarations", help="a folder or pattern that Spark can read")
    parser.add_argument("--out", required=True, help="where the results go, as Parquet")
    parser.add_argument("--es003", action="append", default=[], help="the export, on every worker")
    parser.add_argument("--table", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--config", help="capelint.yaml, on every worker")
    parser.add_argument("--filing-date", metavar="YYYY-MM-DD")
    parser.add_argument("--capelint", default=os.environ.get("CAPELINT", "capelint"))
    parser.add_argument("--partitions", type=int, default=0, help="how many runs; Spark's choice by default")
    args = parser.parse_args()

    command = [args.capelint, "check", "--format", "jsonl", "--fail-on", "stop"]
    command += ["--config", args.config] if args.config else ["--isolated"]
    for file in args.es003:
        command += ["--es003", file]
    for table in args.table:
        command += ["--table", table]
    if args.filing_date:
        # Otherwise tasks on both sides of midnight would judge for different days.
        command += ["--filing-date", args.filing_date]

    spark = SparkSession.builder.appName("capelint").getOrCreate()
    declarations = spark.read.format("binaryFile").load(args.declarations).select("path", "content")
    unread = not_read(declarations)
    if args.partitions:
        declarations = declarations.repartition(args.partitions)
    out = args.out.rstrip("/")
    declarations.mapInPandas(lint_partition(command), RECORDS).write.mode("overwrite").parquet(f"{out}/records")

    # Read back, so that nothing is linted twice.
    records = spark.read.parquet(f"{out}/records")
    duplicates = (
        records.where("type = 'entry' and entry is not null")
        .groupBy("entry")
        .agg(F.sort_array(F.collect_set("file")).alias("files"))
        .where(F.size("files") > 1)
    )
    duplicates.write.mode("overwrite").parquet(f"{out}/duplicates")

    verdicts = records.where("type = 'entry'").groupBy("verdict").count().orderBy("verdict").collect()
    counts = {row["type"]: row["count"] for row in records.groupBy("type").count().collect()}
    errors = records.where("type = 'finding' and severity = 'error'").where(
        F.get_json_object("json", "$.waived").isNull()
    )
    twice = spark.read.parquet(f"{out}/duplicates").count()
    found = errors.count() > 0 or twice > 0
    print("verdicts: " + (", ".join(f"{row['count']} {row['verdict']}" for row in verdicts) or "none"))
    print(f"entries in more than one declaration: {twice}")
    for row in records.where("type = 'failed'").orderBy("file").collect():
        print(f"could not be judged: {row['file']}: {row['message']}", file=sys.stderr)
    for path in unread:
        print(f"could not be judged: {path}: the file is empty", file=sys.stderr)
    spark.stop()
    if unread or counts.get("failed"):
        return 2
    return 1 if found else 0


if __name__ == "__main__":
    try:
        status = main()
    except Exception:
        # Python's own exit code for this is 1, which would read as findings.
        traceback.print_exc()
        status = 2
    sys.exit(status)
