"""Compares the records of the Spark example with those of one run: spark_equals.py RESULT RECORDS.JSONL RULES.JSON

Rules about an export as a whole are not evaluated in slices, so they are left out.
"""

import collections
import glob
import json
import os
import sys

import pyarrow.parquet as parquet

result, whole, rules = sys.argv[1:]
rules = json.load(open(rules))
left_out = {rule["id"] for rule in rules if rule["whole_export"]}
rows = [row for file in glob.glob(f"{result}/records/*.parquet") for row in parquet.read_table(file).to_pylist()]
sliced = [json.loads(row["json"]) for row in rows if row["type"] != "undecided"]
whole = [json.loads(line) for line in open(whole, encoding="utf-8")]


def place(place):
    return place and (os.path.basename(place["file"]), place["line"], place["column"])


def finding(one):
    labels = tuple((place(label["place"]), label["text"], label["value"]) for label in one["labels"])
    facts = tuple(str(one[name]) for name in ("ieepa_duty", "importer_number", "liquidation_date", "deadline"))
    return (one["rule"], one["severity"], one["entry"], one["written"], place(one["place"]), labels, facts, bool(one["waived"]))


def entry(one):
    facts = tuple(str(one[name]) for name in ("ieepa_duty", "importer_number", "liquidation_date", "deadline"))
    return (place(one["place"]), one["entry"], one["verdict"], one["after_waivers"], tuple(one["rules"]), tuple(one["undecided"]), one["standing"], facts)


def counted(records, kind, key):
    return collections.Counter(key(one) for one in records if one["type"] == kind and one.get("rule") not in left_out)


status = 0
for kind, key in (("finding", finding), ("entry", entry)):
    one, many = counted(whole, kind, key), counted(sliced, kind, key)
    print(f"{kind}: {sum(one.values())} in one run, {sum((one - many).values())} only there, {sum((many - one).values())} only in slices")
    for name, more in (("only in one run", one - many), ("only in slices", many - one)):
        for item in list(more)[:3]:
            print("  ", name, item)
            status = 1


def undecided(rule, cause, optional, entries, for_all, numbers):
    cause = {**cause, "value": None, "file": None}
    return rule, json.dumps(cause, sort_keys=True), optional, entries, for_all, tuple(sorted(numbers))


one = {undecided(u["rule"], u["cause"], u["optional"], u["entries"], u["for_all"], u["entry_numbers"]) for u in whole if u["type"] == "undecided" and u["rule"] not in left_out}
many = {undecided(u["rule"], json.loads(u["cause"]), u["optional"], u["entries"], u["for_all"], u["entry_numbers"]) for u in rows if u["type"] == "undecided"}
print(f"undecided: {len(one)} in one run, {len(one - many)} only there, {len(many - one)} only in slices")
for name, more in (("only in one run", one - many), ("only in slices", many - one)):
    for item in sorted(more, key=str)[:4]:
        print("  ", name, item)
        status = 1
sys.exit(status)
