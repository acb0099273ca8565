#!/usr/bin/env bash
# The Spark example, on a Spark of this machine.
. "$(dirname "$0")/lib.sh"
need_binary
command -v java > /dev/null || skip "no java"
python_tools pyspark 'pandas<3' pyarrow setuptools

cd "$SCRATCH"
mkdir -p lake/other
cp "$ROOT"/examples/pipeline/declarations/*.csv lake/
# The same name in another folder, and an entry that another declaration has too.
{ echo "Entry Number"; sed -n 2p lake/week-47.csv; } > lake/other/week-47.csv
export SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON=python PYTHONWARNINGS=ignore
lint() {
  timeout 300 python "$ROOT/examples/spark/lint_declarations.py" "$@" \
    --capelint "$CAPELINT" --config "$ROOT/examples/pipeline/capelint.yaml" \
    --filing-date 2026-11-22 --out "$SCRATCH/result"
}
exits 1 lint "lake/{*.csv,other/*.csv}" --partitions 3
says "entries in more than one declaration: 1" out
cat > expect.py <<'EOF'
import glob, json, sys
import pyarrow.parquet as parquet
rows = [row for file in glob.glob("result/records/*.parquet") for row in parquet.read_table(file).to_pylist()]
def of(kind, name):
    return [row for row in rows if row["type"] == kind and row["file"] and row["file"].endswith(name)]
entries = [row for row in rows if row["type"] == "entry"]
assert len(entries) == 9, entries
assert len(of("entry", "/lake/week-47.csv")) == 4 and len(of("entry", "/lake/other/week-47.csv")) == 1
found = {row["rule"]: row for row in of("finding", "/lake/week-48.csv") if row["severity"] == "error"}
assert found["liquidated-over-80-days"]["line"] == 3, found
assert found["liquidated-over-80-days"]["entry"] == "ABC20000065", found
assert all(json.loads(row["json"])["type"] == row["type"] for row in rows)
assert not any("capelint-partition-" in row["json"] for row in rows), "a local path is left"
twice = [row for file in glob.glob("result/duplicates/*.parquet") for row in parquet.read_table(file).to_pylist()]
assert [row["entry"] for row in twice] == ["ABC20000016"], twice
EOF
exits 0 python expect.py
# A declaration that cannot be judged is said, and does not hide the others.
printf '\211PNG\r\n\032\n\0\0\0\rIHDR' > "lake/a picture.csv"
exits 2 lint "lake/*.csv" --partitions 1
says "could not be judged: file:$SCRATCH/lake/a picture.csv" err
says "verdicts: 6 ready, 2 rejected" out
# Spark itself passes over empty files.
rm "lake/a picture.csv"
: > "lake/of no size.csv"
exits 2 lint "lake/*.csv" --partitions 1
says "could not be judged: file:$SCRATCH/lake/of no size.csv: the file is empty" err
passed "Spark example, $(python -c 'import pyspark; print(pyspark.__version__)')"
