"""Checks a book of declarations that outgrows one machine: each task checks a slice of the entries.

    spark-submit lint_declarations.py 'lake/declarations/*.csv' --es003 lake/es003.csv \
        --filing-date 2026-11-22 --out lake/capelint

The ES-003 (CSV or Parquet) and the declarations (CSV) are read once, as lines with their numbers, and
co-partitioned by entry number. Each task streams its rows into files, runs capelint once over them
(`--scope entry --partial --line-column`), and streams the records back as Arrow. Rules about a declaration as
a whole run apart, over the declarations and the importers of their entries. `capelint` and the lists that
`--table` or `--config` names must be on every worker, under the same path.

What comes out, in Parquet under --out:
    records    findings, entries and undecided records; those of one rule and cause are merged
    runs       one row for each task: what it ran, and how many entries and rows it had

Not evaluated are rules about an export as a whole, such as its age and its totals: they are printed at the end.
Exit codes are capelint's: 0 if every entry may be filed, 1 if not, 2 if the book cannot be checked.
"""

import argparse
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import traceback
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

#: The column of a slice with the line in the original file.
LINE = "capelint_line"
#: The declaration of a task that has none.
NOBODY = "nobody.csv"
#: Rows without a readable entry number go to every task. Nobody has many.
MOST_UNKEYED = 10_000
#: How many records are handed to Spark at a time.
BATCH = 10_000

DECLARATION, ES003 = 0, 1

RECORDS = pa.schema(
    [
        ("type", pa.string()),
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("entry", pa.string()),
        ("verdict", pa.string()),
        ("after_waivers", pa.string()),
        ("waived", pa.bool_()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("column", pa.int64()),
        ("message", pa.string()),
        ("help", pa.string()),
        ("cause", pa.string()),
        ("optional", pa.bool_()),
        ("for_all", pa.bool_()),
        ("entries", pa.int64()),
        ("entry_numbers", pa.list_(pa.string())),
        ("exit", pa.int32()),
        ("json", pa.string()),
    ]
)
DDL = ", ".join(
    f"`{field.name}` "
    + {"string": "string", "bool": "boolean", "int64": "long", "int32": "int"}.get(str(field.type), "array<string>")
    for field in RECORDS
)


class CannotCheck(Exception):
    """The book cannot be cut into slices without a change of what it says."""


# On the workers.


def record(line, exit_code):
    """The row of one line of jsonl."""
    data = json.loads(line)
    place = data.get("place") or {}
    row = {name: data.get(name) for name in RECORDS.names}
    cause = data.get("cause")
    row.update(
        waived=data.get("waived") is not None if data["type"] == "finding" else None,
        file=data.get("declaration") or place.get("file"),
        line=place.get("line"),
        column=place.get("column"),
        # Without the text and the file of the first such cell: both depend on the slice.
        cause=json.dumps({**cause, "value": None, "file": None}) if cause else None,
        entries=data.get("entries") if data["type"] == "undecided" else None,
        exit=exit_code if data["type"] == "summary" else None,
        json=line,
    )
    return row


def run(command, folder, es003, declarations):
    """Runs capelint in a folder and gives its records as batches."""
    flags = [f"--es003={name}" for name in es003]
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile("w+", encoding="utf-8") as found:
        code = subprocess.run(
            [*command, *flags, "--", *declarations], cwd=folder, stdin=subprocess.DEVNULL, stdout=found, stderr=errors
        ).returncode
        if code not in (0, 1):
            errors.seek(0)
            found.seek(0)
            what = errors.read().decode("utf-8", "replace").strip() or found.read()
            raise RuntimeError(f"capelint ended with {code}: {what}")
        found.seek(0)
        rows = []
        for line in found:
            rows.append(record(line.rstrip("\n"), code))
            if len(rows) >= BATCH:
                yield pa.RecordBatch.from_pylist(rows, schema=RECORDS)
                rows = []
        if rows:
            yield pa.RecordBatch.from_pylist(rows, schema=RECORDS)


def local(folder, name):
    """The path of a slice: the name that reports show is relative to the folder of the task."""
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


def check_slices(command, headers, unkeyed):
    """The function for `mapInArrow`: rows (kind, file, line, text) of some entries in, records out."""

    def check(batches):
        with tempfile.TemporaryDirectory(prefix="capelint-task-") as folder:
            names = {DECLARATION: [], ES003: []}
            file, open_name = None, None
            for batch in batches:
                columns = [batch.column(name).to_pylist() for name in ("kind", "file", "line", "text")]
                for kind, name, line, text in zip(*columns):
                    if (kind, name) != open_name:
                        if file:
                            file.close()
                        open_name = (kind, name)
                        names[kind].append(name)
                        file = open(local(folder, name), "w", encoding="utf-8", newline="")
                        file.write(f"{LINE},{headers[kind][name]}\n")
                    file.write(f"{line},{text}\n")
            if file:
                file.close()
            if not (names[DECLARATION] or names[ES003]):
                return
            # Rows of entries on no declaration are read as well: which chapters a file has follows from all
            # of its rows.
            declared = names[DECLARATION] or [NOBODY]
            if not names[DECLARATION]:
                with open(local(folder, NOBODY), "w", encoding="utf-8", newline="") as nobody:
                    nobody.write(f"{LINE},Entry Number\n2,ABC12345676\n")
            # An entry without rows must not look as if there were no export, and any entry may miss a row
            # without a number.
            for name, header in headers[ES003].items():
                with open(local(folder, name), "a", encoding="utf-8", newline="") as rest:
                    if name not in names[ES003]:
                        rest.write(f"{LINE},{header}\n")
                    for line, text in unkeyed.get(name, []):
                        rest.write(f"{line},{text}\n")
            for batch in run(command, folder, list(headers[ES003]), declared):
                yield batch if names[DECLARATION] else batch.filter(pa.compute.equal(batch.column("type"), "run"))

    return check


def check_files(command):
    """The function for `mapInArrow`: whole declarations, and the importers of their entries."""

    def check(batches):
        with tempfile.TemporaryDirectory(prefix="capelint-task-") as folder:
            names = []
            with open(os.path.join(folder, "importers.csv"), "w", encoding="utf-8", newline="") as importers:
                importers.write("Entry Summary Number,Importer Number\n")
                seen = set()
                for batch in batches:
                    columns = [batch.column(name).to_pylist() for name in ("file", "content", "entry", "importer")]
                    for name, content, entry, importer in zip(*columns):
                        if content is not None:
                            names.append(name)
                            with open(local(folder, name), "wb") as file:
                                file.write(content)
                        elif (entry, importer) not in seen:
                            seen.add((entry, importer))
                            csv.writer(importers, lineterminator="\n").writerow([entry, importer])
            if names:
                for batch in run(command, folder, ["importers.csv"], sorted(names)):
                    # The entries come from the slices.
                    yield batch.filter(pa.compute.not_equal(batch.column("type"), "entry"))

    return check


# On the driver.


def is_key(header):
    """Whether a column has entry numbers."""
    words = re.sub(r"[^a-z#]+", " ", header.lower()).strip()
    return words in ("entry", "entry number", "entry no", "entry #", "entry summary number", "entry summary no")


def plain(path):
    """A path as all of Spark's sources write it."""
    return unquote(re.sub("^file:/+", "file:/", path))


def relative(paths):
    """Short names for paths: what they have behind their common folder."""
    folders = [path.rsplit("/", 1)[0] + "/" for path in paths]
    root = os.path.commonprefix(folders)
    root = root[: root.rfind("/") + 1]
    return {path: unquote(path[len(root) :]) for path in paths}


def numbered(spark, paths):
    """The lines of text files with their numbers, and what a slice would not show of each file."""
    quotes = F.length("text") - F.length(F.regexp_replace("text", '"', ""))
    lines = spark.read.text(paths).select(
        F.regexp_replace("value", "^\ufeff", "").alias("text"),
        F.col("_metadata.file_path").alias("path"),
        F.col("_metadata.file_block_start").alias("start"),
        F.monotonically_increasing_id().alias("id"),
    )
    cell = '(^|[,"])'
    splits = lines.groupBy("path", "start").agg(
        F.min("id").alias("first"),
        F.count("*").alias("lines"),
        F.max(quotes % 2 == 1).alias("broken"),
        F.max(F.col("text").contains("\ufffd")).alias("not_utf8"),
        F.max(F.col("text").rlike(cell + r"(1[3-9]|2\d|3[01])[/.-][01]?\d[/.-]\d{2}")).alias("day_first"),
        F.max(F.col("text").rlike(cell + r"[01]?\d/[0-3]?\d/\d{2}")).alias("month_first"),
        F.max(F.col("text").rlike(cell + r"(19|20)\d\d-\d\d-\d\d")).alias("year_first"),
    )
    splits = splits.cache()
    seen = splits.agg(*[F.max(name) for name in splits.columns[4:]]).first()
    broken, not_utf8, day_first, month_first, year_first = seen
    if broken:
        raise CannotCheck(f"{paths}: a cell has a line break or a quote that is never closed; convert it to Parquet")
    if not_utf8:
        raise CannotCheck(f"{paths}: not UTF-8; convert it")
    if day_first or (month_first and year_first):
        raise CannotCheck(f"{paths}: dates are written in two ways, which a slice does not show; convert them")
    before = Window.partitionBy("path").orderBy("start").rowsBetween(Window.unboundedPreceding, -1)
    splits = splits.withColumn("before", F.coalesce(F.sum("lines").over(before), F.lit(0)))
    splits = F.broadcast(splits.select("path", "start", "first", "before"))
    line = (F.col("id") - F.col("first") + F.col("before") + 1).alias("line")
    return lines.join(splits, ["path", "start"]).select("path", line, "text")


def rows_of_parquet(spark, paths):
    """The rows of Parquet files as lines of CSV, numbered as if a header were above them."""
    table = spark.read.parquet(*paths)
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(table.columns)
    text = F.to_csv(F.struct(*[F.col(f"`{name}`") for name in table.columns]))
    path = F.col("_metadata.file_path").alias("path")
    rows = table.select(path, (F.col("_metadata.row_index") + 2).alias("line"), text.alias("text"))
    header = table.select(path).distinct().select("path", F.lit(1).alias("line"), F.lit(buffer.getvalue()).alias("text"))
    return header.union(rows)


def heads(lines):
    """The first line of each file."""
    return {row["path"]: row["text"] for row in lines.where("line = 1").collect()}


def normal(cell):
    """What decides to which task a row goes: the same for every way to write an entry number."""
    plain = F.upper(F.regexp_replace(cell, "[^0-9A-Za-z]", ""))
    return F.when(plain.rlike("^[0-9]{8,10}$"), F.lpad(plain, 11, "0")).when(F.length(plain) == 11, plain)


def with_entry(lines, at):
    """Adds the entry of each line; `at` says for each path in which column it is."""
    return lines.withColumn("entry", normal(cell_at(at, "path")))


def key_of(header):
    """In which column of a header the entry numbers are."""
    cells = next(csv.reader([header]), [])
    return next((at for at, cell in enumerate(cells) if is_key(cell.strip())), None)


class Book:
    """The declarations and the ES-003, as numbered lines."""

    def __init__(self, spark, declarations, es003):
        # Each declaration whole, for the rules about it, and how it is called.
        self.whole = spark.read.format("binaryFile").load(declarations).select("path", "length", "content")
        sizes = {row["path"]: row["length"] for row in self.whole.select("path", "length").collect()}
        known = {plain(path) for path in sizes}
        # Spark passes over empty files without a word.
        empty = sorted(path for path in self.whole.inputFiles() if plain(path) not in known)
        if empty or not sizes:
            raise CannotCheck(f"{', '.join(empty) or declarations}: empty, or not there")
        if odd := sorted(path for path in sizes if not path.lower().endswith(".csv")):
            raise CannotCheck(f"{', '.join(odd)}: only CSV files can be cut into slices; check these apart")
        self.names = {plain(path): name for path, name in relative(list(sizes)).items()}
        self.paths = list(sizes)
        self.headers = {DECLARATION: {}, ES003: {}}
        self.declared = self._declared(numbered(spark, [declarations]))
        self.is_text = is_text = all(path.lower().endswith((".csv", ".txt")) for path in es003)
        self.export = self._export(numbered(spark, es003) if is_text else rows_of_parquet(spark, es003))
        self.unkeyed = self._unkeyed()

    def _declared(self, lines):
        """The rows of the declarations."""
        at, without_header = {}, []
        for path, text in heads(lines).items():
            found = key_of(text)
            # The template has a header; a file without one is a list of numbers.
            if found is None:
                if len(re.sub("[^0-9A-Za-z]", "", next(csv.reader([text]), [""])[0])) != 11:
                    raise CannotCheck(f"{unquote(path)}: line 1 has no column of entry numbers")
                without_header.append(path)
            at[path] = found or 0
            self.headers[DECLARATION][self.names[plain(path)]] = "Entry Number" if found is None else text
        rows = with_entry(lines, at).where((F.col("line") > 1) | F.col("path").isin(without_header))
        return named(rows, DECLARATION, {path: self.names[plain(path)] for path in at})

    def _export(self, lines):
        """The rows of the ES-003."""
        found = heads(lines)
        short = relative(list(found)).items()
        names = {path: "es003/" + re.sub(r"\.parquet$", ".csv", name) for path, name in short}
        at = {path: key_of(text) for path, text in found.items()}
        if None in at.values():
            raise CannotCheck("the ES-003 has no column of entry numbers in line 1")
        self.headers[ES003] = {names[path]: text for path, text in found.items()}
        return named(with_entry(lines.where("line > 1"), at), ES003, names)

    def _unkeyed(self):
        """The rows of the ES-003 of which it is not known to what entry they belong: they go to every task."""
        rows = self.export.where("entry is null").limit(MOST_UNKEYED + 1).collect()
        if len(rows) > MOST_UNKEYED:
            raise CannotCheck(f"more than {MOST_UNKEYED:,} rows of the ES-003 have no readable entry number")
        unkeyed = {}
        for row in sorted(rows, key=lambda row: row["line"]):
            unkeyed.setdefault(row["file"], []).append((row["line"], row["text"]))
        return unkeyed

    def refuse_partial(self, found):
        """Nothing is decided by an export that cannot have all rows of its entries, as its files show it.

        A slice does not show that, so the tasks say which chapters of the tariff they saw in which file.
        """
        seen = {}
        for row in found.where("type = 'run' and scope = 'entry'").select("json").collect():
            for file in json.loads(row["json"])["inputs"]:
                if file["table"] == "es003" and file["chapters"] is not None:
                    # The files of a Parquet table are one.
                    seen.setdefault(file["file"] if self.is_text else "the table", set()).update(file["chapters"])
        lacks = {("1-97",): "Chapter 99", ("99",): "Chapters 1 to 97"}
        lacking = {file: lacks[tuple(chapters)] for file, chapters in seen.items() if len(chapters) == 1}
        advice = "export it again without a filter on the tariff number"
        if seen and len(set().union(*seen.values())) == 1:
            raise CannotCheck(f"no row of the ES-003 has a number of {next(iter(lacking.values()))}; {advice}")
        if lacking:
            only = self.export.where("entry is not null").groupBy("entry").agg(
                F.bool_and(F.col("file").isin(list(lacking))).alias("only")
            )
            if self.declared.join(only.where("only"), "entry").limit(1).count():
                told = ", ".join(f"{file} (no number of {what})" for file, what in sorted(lacking.items()))
                raise CannotCheck(f"{told}: some entries have rows in such files only; {advice}")
        headers = " ".join(self.headers[ES003].values()).lower()
        # Without tariff numbers everything that they decide is undecided anyway.
        if seen and "line number" not in headers and "ordinal" not in headers:
            most = self.export.where("entry is not null").groupBy("entry").count().agg(F.max("count")).first()[0]
            if most == 1:
                raise CannotCheck("the ES-003 has one row for each entry, without line and ordinal; export its lines")

    def slices(self, tasks):
        """The rows, all of an entry in one task. Declared rows without a number go anywhere."""
        rows = self.declared.unionByName(self.export.where("entry is not null"))
        spread = F.coalesce("entry", F.concat_ws(":", "file", "line"))
        rows = rows.withColumn("slice", spread).repartition(tasks, "slice")
        return rows.sortWithinPartitions("kind", "file", "line").select("kind", "file", "line", "text")

    def files(self, tasks):
        """The declarations as a whole, with the importers of their entries."""
        nothing = [F.lit(None).cast("string").alias(name) for name in ("entry", "importer")]
        name = mapped({path: self.names[plain(path)] for path in self.paths}, "path")
        files = self.whole.select(name.alias("file"), "content", *nothing)
        importers = self._importers()
        if importers is not None:
            declared = self.declared.where("entry is not null").select("file", "entry").distinct()
            found = declared.join(importers, "entry")
            files = files.unionByName(found.withColumn("content", F.lit(None).cast("binary")))
        return files.repartition(tasks, "file")

    def _importers(self):
        at = {}
        for name, header in self.headers[ES003].items():
            cells = [cell.strip().lower() for cell in next(csv.reader([header]), [])]
            if "importer number" not in cells:
                return None
            at[name] = cells.index("importer number")
        cell = cell_at(at, "file")
        return self.export.where("entry is not null").select("entry", cell.alias("importer")).distinct()


def mapped(values, column):
    """What a mapping has for the value of a column."""
    return F.create_map(*[F.lit(part) for pair in values.items() for part in pair])[F.col(column)]


def cell_at(at, column):
    """The cell of each line; `at` says by the value of a column in which place it is."""
    last = max(at.values())
    cells = F.from_csv("text", ", ".join(f"c{index} string" for index in range(last + 1)))
    return F.element_at(F.array(*[cells[f"c{index}"] for index in range(last + 1)]), mapped(at, column) + 1)


def named(rows, kind, names):
    """The lines that are not blank, with the short names of their files."""
    rows = rows.where(F.trim("text") != "")
    return rows.select(F.lit(kind).alias("kind"), mapped(names, "path").alias("file"), "line", "entry", "text")


def main():
    parser = argparse.ArgumentParser(description="Check a book of CAPE declarations with Spark.")
    parser.add_argument("declarations", help="CSV files: a folder or pattern that Spark can read")
    parser.add_argument("--es003", action="append", required=True, help="the export, CSV or Parquet")
    parser.add_argument("--out", required=True, help="the folder of the results")
    parser.add_argument("--filing-date", required=True, metavar="YYYY-MM-DD")
    parser.add_argument("--table", action="append", default=[], metavar="NAME=FILE", help="a list, on every worker")
    parser.add_argument("--none", action="append", default=[], metavar="NAME", help="a list with nothing in it")
    parser.add_argument("--config", help="capelint.yaml, on every worker")
    parser.add_argument("--capelint", default=os.environ.get("CAPELINT", "capelint"))
    parser.add_argument("--tasks", type=int, default=0, help="how many; by default one for 100,000 declared rows")
    args = parser.parse_args()

    command = [args.capelint, "check", "--format=jsonl", "--partial", f"--filing-date={args.filing_date}"]
    command += [f"--config={os.path.abspath(args.config)}"] if args.config else ["--isolated"]
    for table in args.table:
        name, _, file = table.partition("=")
        command.append(f"--table={name}={os.path.abspath(file)}")
    command += [f"--none={name}" for name in args.none]

    spark = SparkSession.builder.appName("capelint").getOrCreate()
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(BATCH))
    book = Book(spark, args.declarations, args.es003)
    tasks = args.tasks or max(1, -(-book.declared.count() // 100_000))
    entry_rules = [*command, "--scope=entry", f"--line-column={LINE}", "--fail-on=never"]
    of_entries = book.slices(tasks).mapInArrow(check_slices(entry_rules, book.headers, book.unkeyed), DDL)
    file_rules = [*command, "--scope=file", "--fail-on=stop"]
    of_files = book.files(max(1, -(-len(book.paths) // 15))).mapInArrow(check_files(file_rules), DDL)

    out = args.out.rstrip("/")
    parts = f"{out}/parts"
    # What an earlier run left must not be taken for this one's.
    for name in ("runs", "records"):
        spark.createDataFrame([], f"{DDL}, scope string").write.mode("overwrite").parquet(f"{out}/{name}")
    of_entries.withColumn("scope", F.lit("entry")).write.mode("overwrite").parquet(parts)
    of_files.withColumn("scope", F.lit("file")).write.mode("append").parquet(parts)
    # Read back, so that nothing is checked twice.
    found = spark.read.parquet(parts)
    book.refuse_partial(found)
    found.where("type in ('run', 'summary')").write.mode("overwrite").parquet(f"{out}/runs")
    records = found.where("type in ('finding', 'entry')").unionByName(merged(found))
    records.drop("scope").write.mode("overwrite").parquet(f"{out}/records")
    return report(spark, f"{out}/records", f"{out}/runs", command)


def merged(found):
    """Undecided records of all tasks, one for each rule and cause, as one run has them."""
    undecided = found.where("type = 'undecided'")
    first = F.min_by(F.struct("file", "line", "column", "message", "help", "json"), F.struct("line", "file"))
    merged = undecided.groupBy("scope", "type", "rule", "cause", "optional").agg(
        F.sum("entries").alias("entries"),
        F.bool_and("for_all").alias("for_all"),
        F.array_sort(F.flatten(F.collect_list("entry_numbers"))).alias("entry_numbers"),
        first.alias("first"),
    )
    columns = [name for name in found.columns if name not in merged.columns]
    of_first = {"file", "line", "column", "message", "help", "json"}
    fill = [
        F.col(f"first.`{name}`").alias(name) if name in of_first else F.lit(None).cast(found.schema[name].dataType).alias(name)
        for name in columns
    ]
    return merged.select(*[name for name in merged.columns if name != "first"], *fill).select(*found.columns)


def report(spark, records, runs, command):
    """Prints the verdicts; gives the exit code."""
    records, runs = spark.read.parquet(records), spark.read.parquet(runs)
    verdicts = records.where("type = 'entry'").groupBy("after_waivers").count().collect()
    verdicts = {row["after_waivers"]: row["count"] for row in verdicts}
    findings = records.where("type = 'finding' and not waived").groupBy("severity").count().collect()
    findings = {row["severity"]: row["count"] for row in findings}
    told = ", ".join(f"{count:,} {verdict}" for verdict, count in sorted(verdicts.items()))
    print(f"verdicts: {told or 'none'}")
    for row in records.where("type = 'undecided' and not optional").orderBy("rule").collect():
        print(f"undecided: {row['rule']}: {row['message']}; {row['help']}")
    rules = [part for part in command if part.startswith(("--config", "--isolated"))]
    listed = subprocess.run([command[0], "rules", "--format=json", *rules], capture_output=True, check=True).stdout
    left = [rule["id"] for rule in json.loads(listed) if rule["whole_export"]]
    print(f"not evaluated, because only a whole export shows it: {', '.join(left)}")
    whole_files = runs.where("scope = 'file' and exit > 0").count()
    blocked = findings.get("error", 0) + findings.get("stop", 0) + verdicts.get("undecided", 0) + whole_files
    uploadable = verdicts.get("ready", 0) + verdicts.get("warned", 0)
    spark.stop()
    return 1 if blocked or not uploadable else 0


if __name__ == "__main__":
    try:
        status = main()
    except CannotCheck as why:
        print(f"cannot be checked: {why}", file=sys.stderr)
        status = 2
    except Exception:
        # Python's own exit code for this is 1, which would read as findings.
        traceback.print_exc()
        status = 2
    sys.exit(status)
