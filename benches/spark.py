#!/usr/bin/env python3
"""The Spark example on a generated book: what it finds, how long it takes and what it reads, by the number of tasks.

usage: python3 benches/spark.py [--entries N] [--tasks 2,8,32] [--binary PATH]
Makes a book of N entries in declarations of 9,999, and its ES-003, under target/bench; runs capelint over the whole,
and the example with each number of tasks; compares the records (tests/packaging/spark_equals.py) and prints a table.
Bytes are what Spark's own metrics say its tasks read from files, and what they read of each other (shuffle). Needs
Java, and `pip install pyspark 'pandas<3' pyarrow setuptools`.
"""
import argparse
import glob
import json
import os
import subprocess
import sys
import time

from whole import write_declarations

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
DAY = "--filing-date=2026-11-22"


def book(folder, entries):
    """The ES-003 and the declarations of a book."""
    if not os.path.exists(f"{folder}/es003.csv"):
        subprocess.run([sys.executable, f"{HERE}/peers/gen_es003.py", str(entries), folder], check=True)
    declarations = f"{folder}/declarations"
    if not os.path.isdir(declarations):
        write_declarations(f"{folder}/es003.csv", declarations)


def read(events):
    """Bytes that the tasks of an application read: from files, and of each other."""
    files = shuffled = 0
    # A directory where Spark rolls its log, else a file.
    for path in glob.glob(f"{events}/**", recursive=True):
        if not os.path.isfile(path):
            continue
        for line in open(path, encoding="utf-8"):
            event = json.loads(line)
            if event["Event"] == "SparkListenerTaskEnd" and "Task Metrics" in event:
                metrics = event["Task Metrics"]
                files += metrics["Input Metrics"]["Bytes Read"]
                of_others = metrics["Shuffle Read Metrics"]
                shuffled += of_others["Remote Bytes Read"] + of_others["Local Bytes Read"]
    return files, shuffled


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--tasks", default="2,8,32")
    parser.add_argument("--binary", default=os.path.join(ROOT, "target", "release", "capelint"))
    args = parser.parse_args()
    binary = os.path.abspath(args.binary)
    folder = os.path.join(ROOT, "target", "bench", str(args.entries))
    book(folder, args.entries)
    size = os.path.getsize(f"{folder}/es003.csv")
    work = os.path.join(folder, "spark")
    os.makedirs(work, exist_ok=True)

    begin = time.perf_counter()
    command = [binary, "check", "declarations", "--es003=es003.csv", "--isolated", DAY, "--format=jsonl"]
    with open(f"{work}/whole.jsonl", "w") as out:
        subprocess.run(command, cwd=folder, stdout=out)
    whole = time.perf_counter() - begin
    with open(f"{work}/rules.json", "w") as out:
        subprocess.run([binary, "rules", "--isolated", "--format=json"], stdout=out, check=True)
    print(f"ES-003: {size / 1e6:.0f} MB; one run over the whole: {whole:.1f} s")
    print("| tasks | seconds | read from files, MB | read of each other, MB | only in one of the two |\n|---|---|---|---|---|")

    for tasks in args.tasks.split(","):
        events = f"{work}/events-{tasks}-{os.getpid()}"
        os.makedirs(events)
        flags = f"--conf spark.eventLog.enabled=true --conf spark.eventLog.compress=false --conf spark.eventLog.dir=file://{events} --conf spark.ui.enabled=false"
        flags += f" --conf spark.sql.shuffle.partitions={tasks} --conf spark.driver.memory=4g pyspark-shell"
        environment = {**os.environ, "PYSPARK_SUBMIT_ARGS": flags, "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
        example = [sys.executable, os.path.join(ROOT, "examples", "spark", "lint_declarations.py")]
        example += ["declarations/*.csv", "--es003", "es003.csv", DAY, "--capelint", binary, "--out", f"{work}/result", "--tasks", tasks]
        begin = time.perf_counter()
        done = subprocess.run(example, cwd=folder, env=environment, capture_output=True, encoding="utf-8")
        seconds = time.perf_counter() - begin
        if done.returncode not in (0, 1):
            sys.exit(done.stdout + done.stderr)
        equals = [sys.executable, f"{ROOT}/tests/packaging/spark_equals.py", f"{work}/result", f"{work}/whole.jsonl", f"{work}/rules.json"]
        compared = subprocess.run(equals, capture_output=True, encoding="utf-8")
        if compared.returncode != 0:
            print(compared.stdout + compared.stderr, file=sys.stderr)
        files, shuffled = read(events)
        differ = "none" if compared.returncode == 0 else "some"
        print(f"| {tasks} | {seconds:.0f} | {files / 1e6:.0f} | {shuffled / 1e6:.0f} | {differ} |", flush=True)


if __name__ == "__main__":
    main()
