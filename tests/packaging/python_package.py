"""The Python package, on the examples: what it gives is what the program prints.

Run by wheel.sh in an environment with nothing but the wheel, and in one with pyarrow, Polars, pandas and DuckDB.
"""

import dataclasses
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from datetime import date
from decimal import Decimal

import capelint

EXAMPLES = os.environ["EXAMPLES"]
MARCH = os.path.join(EXAMPLES, "march", "declaration.csv")
ES003 = os.path.join(EXAMPLES, "march", "es003.csv")
CLAIMS = os.path.join(EXAMPLES, "march", "claims.csv")
DAY = date(2026, 11, 22)


def needs(*modules):
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    return unittest.skipIf(missing, f"not installed: {', '.join(missing)}")


def printed(*arguments):
    """What the program prints."""
    return subprocess.run([capelint.find_bin(), *arguments], capture_output=True, encoding="utf-8").stdout


def lines(folder):
    """A file with the records of a check, one a line."""
    path = os.path.join(folder, "records.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        file.write(printed("check", MARCH, f"--filing-date={DAY}", "--format=jsonl"))
    return path


class Package(unittest.TestCase):
    def test_a_check_gives_what_the_program_prints(self):
        report = capelint.check(MARCH, filing_date=DAY)
        document = json.loads(printed("check", MARCH, f"--filing-date={DAY}", "--format=json"))
        self.assertFalse(report.ok)
        for name in ("findings", "undecided", "entries"):
            given = [json.loads(json.dumps(dataclasses.asdict(one), default=str)) for one in getattr(report, name)]
            self.assertEqual(given, document[name], name)
        self.assertEqual(report.summary, document["summary"])
        self.assertEqual(report.run.filing_date, DAY)
        self.assertTrue(all(len(one.sha256) == 64 for one in report.run.inputs))
        late = next(one for one in report.findings if one.rule == "liquidated-over-80-days")
        self.assertEqual(late.entry, "ABC71001483")
        self.assertEqual(late.liquidation_date, date(2026, 8, 21))
        self.assertIsInstance(late.ieepa_duty, Decimal)

    def test_the_human_report_has_the_same_counts(self):
        report = capelint.check(MARCH, filing_date=str(DAY))
        human = printed("check", MARCH, f"--filing-date={DAY}", "--color=never")
        verdicts = [entry.after_waivers for entry in report.entries]
        self.assertTrue(f"{len(verdicts)} entries" in human)
        self.assertTrue(f"{verdicts.count('rejected')} rejected" in human)
        errors = sum(one.severity == "error" and one.waived is None for one in report.findings)
        self.assertTrue(f"{errors} errors" in human)

    def test_fix_writes_the_files_that_it_names(self):
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "upload")
            fixed = capelint.fix(MARCH, out=out, filing_date=DAY)
            self.assertEqual(fixed.folder, out)
            for file in fixed.files:
                with open(os.path.join(out, file.name), encoding="ascii", newline="") as upload:
                    self.assertEqual(upload.read(), "\r\n".join(["Entry Number", *file.entry_numbers, ""]))
            self.assertEqual(fixed.balance["held"], len(fixed.held))
            self.assertTrue(all(held.reasons for held in fixed.held))
            again = capelint.fix(MARCH, filing_date=DAY)
            self.assertEqual((again.folder, again.files, again.held), (None, fixed.files, fixed.held))

    def test_plan_gives_the_files_and_the_work_list(self):
        with tempfile.TemporaryDirectory() as folder:
            planned = capelint.plan(ES003, out=os.path.join(folder, "plan"), filing_date=DAY)
            self.assertEqual(sum(len(file.entry_numbers) for file in planned.files), planned.sum["uploaded"])
            self.assertEqual(len(planned.work), planned.sum["work"])
            self.assertEqual(sum(one.ieepa_duty for one in planned.work if one.ieepa_duty), planned.work_duty)
            self.assertTrue(all(one.rules for one in planned.work))
            self.assertTrue(any(one.last_day and one.last_day > date(2026, 11, 22) for one in planned.work))
            self.assertFalse(any(one.ieepa_duty_is_upper_bound for one in planned.work))
            self.assertTrue(all(os.path.isfile(os.path.join(planned.folder, one.name)) for one in planned.files))

    def test_triage_and_explain(self):
        triaged = capelint.triage(CLAIMS, declarations=MARCH, filing_date=DAY)
        self.assertEqual(triaged.summary["entries"], len(triaged.entries))
        explained = capelint.explain("liquidated-over-80-days", isolated=True)
        self.assertIsInstance(explained, capelint.RuleCard)
        self.assertEqual(explained.id, "liquidated-over-80-days")
        self.assertEqual(triaged.run.inputs[0].table, "claims")
        decided = capelint.explain(MARCH, entry="ABC71001483", filing_date=DAY)
        self.assertEqual((decided.entry, decided.filing_date), ("ABC71001483", DAY))
        rule = decided.declarations[0].rule_outcomes[0]
        self.assertEqual((rule.rule, rule.outcome), ("liquidated-over-80-days", "violated"))
        self.assertEqual((rule.severity, rule.superseded_by), ("error", None))
        self.assertEqual(decided.declarations[0].verdict, "rejected")
        self.assertIn("FINAL LIQUIDATION", rule.cbp)
        cells = [cell for clause in rule.clauses for cell in clause.cells]
        self.assertIn("08/21/2026", [cell.value for cell in cells])
        self.assertTrue(all(cell.place.line > 1 for cell in cells))
        self.assertEqual(capelint.explain("no-key-column", isolated=True).code, "no-key-column")
        self.assertTrue(all(item.question.endswith("?") for item in capelint.explain("checklist", isolated=True)))
        texts = capelint.explain("864", isolated=True)
        self.assertEqual((texts.messages[0].id, texts.unknown), ("psc-864", []))

    def test_a_filing_date_that_cannot_be_meant_is_asked_about(self):
        calls = [
            lambda day: capelint.check(MARCH, filing_date=day),
            lambda day: capelint.fix(MARCH, filing_date=day),
            lambda day: capelint.plan(ES003, filing_date=day),
            lambda day: capelint.triage(CLAIMS, filing_date=day),
            lambda day: capelint.explain(MARCH, entry="ABC71001483", filing_date=day),
        ]
        for call in calls:
            for day in ("2026-04-19", "2062-11-22"):
                with self.assertWarnsRegex(capelint.CapelintWarning, "is its year right"):
                    call(day)

    def test_what_cannot_run_is_an_exception_with_its_errors(self):
        with self.assertRaises(capelint.CapelintError) as caught:
            capelint.check(["missing.csv", "nowhere.csv"], isolated=True)
        self.assertEqual([one.code for one in caught.exception.diagnostics], ["no-such-file"] * 2)
        self.assertIn("file `missing.csv` not found", str(caught.exception))
        for function in (capelint.fix, capelint.plan, capelint.triage):
            with self.assertRaises(capelint.CapelintError) as caught:
                function("missing.csv", isolated=True)
            self.assertEqual(caught.exception.diagnostics[0].code, "no-such-file", function)
        with self.assertRaises(capelint.CapelintError) as caught:
            capelint.check(MARCH, args=["--no-such-flag"])
        self.assertIn("--no-such-flag", str(caught.exception))

    def test_the_module_is_the_command_line(self):
        done = subprocess.run([sys.executable, "-m", "capelint", "--version"], capture_output=True, encoding="utf-8")
        self.assertEqual((done.returncode, done.stdout), (0, printed("--version")))

    def test_a_run_that_decides_nothing_is_not_ok(self):
        report = capelint.check(os.path.join(EXAMPLES, "pipeline", "declarations", "week-47.csv"), isolated=True)
        self.assertFalse(report.ok)
        self.assertEqual({entry.verdict for entry in report.entries}, {"undecided"})
        week = os.path.join(EXAMPLES, "pipeline", "declarations", "week-47.csv")
        for level in ("error", "stop", "warning", "never"):
            self.assertFalse(capelint.check(week, isolated=True, fail_on=level).ok, level)
        self.assertFalse(capelint.fix(week, isolated=True).ok)

    @needs("pyarrow", "polars", "pandas")
    def test_tables_have_the_types_of_the_values(self):
        report = capelint.check(MARCH, filing_date=DAY)
        for of in ("entries", "findings", "undecided"):
            values = [dataclasses.asdict(one) for one in getattr(report, of)]
            self.assertEqual(report.to_arrow(of).to_pylist(), values)
            self.assertEqual(report.to_polars(of).height, len(values))
            self.assertEqual(len(report.to_pandas(of)), len(values))
        duty = sum(entry.ieepa_duty for entry in report.entries if entry.ieepa_duty is not None)
        self.assertEqual(report.to_polars()["ieepa_duty"].sum(), duty)
        self.assertEqual(report.to_pandas()["ieepa_duty"].sum(), duty)
        with self.assertRaises(ValueError):
            report.to_arrow("nonsense")
        fixed = capelint.fix(MARCH, filing_date=DAY)
        self.assertEqual(fixed.to_arrow("files").num_rows, len(fixed.files))
        self.assertEqual(fixed.to_arrow().num_rows, len(fixed.held))

    @needs("pyarrow")
    def test_parquet_has_the_records(self):
        import pyarrow.parquet

        report = capelint.check(MARCH, filing_date=DAY)
        with tempfile.TemporaryDirectory() as folder:
            files = {of: os.path.join(folder, f"{of}.parquet") for of in ("entries", "findings")}
            outputs = [f"--output={of}={path}" for of, path in files.items()]
            printed("check", MARCH, f"--filing-date={DAY}", *outputs)
            for of, path in files.items():
                table = pyarrow.parquet.read_table(path)
                wanted = report.to_arrow(of)
                for name in set(table.column_names) & set(wanted.column_names):
                    if name not in ("fix", "place"):
                        self.assertEqual(table[name].to_pylist(), wanted[name].to_pylist(), f"{of}.{name}")
                lines = [one["line"] for one in wanted["place"].to_pylist()]
                self.assertEqual(table["line"].to_pylist(), lines)
            run = json.loads(pyarrow.parquet.read_metadata(files["entries"]).metadata[b"capelint.run"])
            self.assertEqual(run["filing_date"], str(DAY))

    def agree_with_people(self, by_polars, by_pandas, by_duckdb):
        """Verdicts, and entries and duty by what is left to do, in each reader: as the human report counts them."""
        import polars

        human = printed("check", MARCH, f"--filing-date={DAY}", "--color=never")
        titles = {"ready": "ready", "rejected": "rejected", "stopped": "stopped", "with warnings": "warned", "undecided": "undecided"}
        line = re.search(r"\d+ entries: (.*?) may be uploaded", " ".join(human.split())).group(1).split("(by the rules")[0]
        of_people = {titles[what]: int(count) for count, what in re.findall(rf"(\d+) ({'|'.join(titles)})", line)}
        entries = by_polars.filter((polars.col("type") == "entry") & ~polars.col("accepted_by_you"))
        counts = {
            "Polars": dict(entries.group_by("after_waivers").len().iter_rows()),
            "pandas": by_pandas[(by_pandas["type"] == "entry") & (by_pandas["accepted_by_you"] == False)]["after_waivers"].value_counts().to_dict(),  # noqa: E712
            "DuckDB": dict(by_duckdb.filter("type = 'entry' and not accepted_by_you").aggregate("after_waivers, count(*)").fetchall()),
        }
        for reader, found in counts.items():
            self.assertEqual(found, {verdict: count for verdict, count in of_people.items() if count}, reader)
        # `  may be uploaded    24 entries  at most $1,234.00`
        standings = re.findall(r"^  (\S.*?)  +([\d,]+) entr(?:y|ies)(?:  +(?:at most )?\$([\d,.]+\d))?", human, re.MULTILINE)
        self.assertGreater(len(standings), 3, human)
        of_people = sorted((int(count.replace(",", "")), Decimal(duty.replace(",", "") or 0)) for _, count, duty in standings)
        duty = "sum(coalesce(ieepa_duty, '0')::decimal(18, 2))"
        by_sql = by_duckdb.filter("type = 'entry'").aggregate(f"standing, count(*), {duty}").fetchall()
        self.assertEqual(sorted((count, duty) for _, count, duty in by_sql), of_people)
        exact = polars.col("ieepa_duty").fill_null("0").str.to_decimal(scale=2).sum()
        frame = by_polars.filter(polars.col("type") == "entry").group_by("standing").agg(polars.len(), exact)
        self.assertEqual(sorted(row[1:] for row in frame.iter_rows()), of_people)
        frame = by_pandas[by_pandas["type"] == "entry"]
        groups = frame["ieepa_duty"].fillna("0").map(Decimal).groupby(frame["standing"])
        self.assertEqual(sorted((len(duties), sum(duties)) for _, duties in groups), of_people)

    @needs("polars", "pandas", "duckdb")
    def test_records_are_read_without_a_schema_and_agree(self):
        import duckdb
        import pandas
        import polars

        report = capelint.check(MARCH, filing_date=DAY)
        with tempfile.TemporaryDirectory() as folder:
            path = lines(folder)
            by_polars = polars.read_ndjson(path, infer_schema_length=None)
            by_pandas = pandas.read_json(path, lines=True, dtype=False)
            by_duckdb = duckdb.sql(f"from read_json('{path}', sample_size = -1)")
            entries = by_polars.filter(polars.col("type") == "entry")
            wanted = {entry.written: (entry.verdict, entry.ieepa_duty) for entry in report.entries}

            def found(rows):
                return {
                    written: (verdict, None if duty is None or duty != duty else Decimal(duty))
                    for written, verdict, duty in rows
                }

            self.assertEqual(found(entries.select("written", "verdict", "ieepa_duty").iter_rows()), wanted)
            frame = by_pandas[by_pandas["type"] == "entry"]
            self.assertEqual(found(zip(frame["written"], frame["verdict"], frame["ieepa_duty"])), wanted)
            sql = by_duckdb.filter("type = 'entry'").select("written, verdict, ieepa_duty").fetchall()
            self.assertEqual(found(sql), wanted)
            self.agree_with_people(by_polars, by_pandas, by_duckdb)
            self.assertEqual(len(by_polars.columns), len(by_duckdb.columns))
            self.assertEqual(by_polars.schema["ieepa_duty"], polars.String, "no reader makes a float of it")


if __name__ == "__main__":
    unittest.main()
