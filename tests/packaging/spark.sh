#!/usr/bin/env bash
# The Spark example, on a Spark of this machine: its slices give what one run gives, and it never passes a book
# that it cannot check.
. "$(dirname "$0")/lib.sh"
need_binary
command -v java > /dev/null || skip "no java"
python_tools pyspark 'pandas<3' pyarrow setuptools

cd "$SCRATCH"
export SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON=python PYTHONWARNINGS=ignore
# A small book needs no more.
export PYSPARK_SUBMIT_ARGS="--conf spark.sql.shuffle.partitions=2 --conf spark.ui.enabled=false pyspark-shell"
check() {
  timeout 400 python "$ROOT/examples/spark/lint_declarations.py" "$@" \
    --capelint "$CAPELINT" --filing-date 2026-11-22 --out "$SCRATCH/result"
}

# Three declarations with everything that an export can have, one of them with entries of the others.
mkdir -p lake/other
cp "$ROOT"/examples/portfolio/{abc,xyz}.csv lake/
cp "$ROOT/examples/portfolio/importer.csv" lake/other/
echo 'account: { role: broker, filer_codes: [ABC, XYZ] }' > account.yaml
lists=()
for list in claims psc protests statements surety adcvd drawback reconciliation; do
  lists+=(--table "$list=$ROOT/examples/portfolio/$list.csv")
done
exits 1 "$CAPELINT" check lake/abc.csv lake/other/importer.csv lake/xyz.csv --es003 "$ROOT/examples/portfolio/es003.csv" "${lists[@]}" \
  --config account.yaml --filing-date 2026-11-22 --format jsonl
mv out whole.jsonl
exits 0 "$CAPELINT" rules --isolated --format json
mv out rules.json
exits 1 check "lake/{*.csv,other/*.csv}" --es003 "$ROOT/examples/portfolio/es003.csv" "${lists[@]}" \
  --config account.yaml --tasks 4
says "not evaluated, because only a whole export shows it: export-old" out
exits 0 python "$ROOT/tests/packaging/spark_equals.py" result whole.jsonl rules.json
equal=$(tr '\n' ';' < out)

# A book of which nothing is decided is not a pass; the export is Parquet here.
write_green_by_accident accidents
python -c 'import pyarrow.csv as c, pyarrow.parquet as p
text = c.ConvertOptions(column_types={"Entry Type Code": "string"})
p.write_table(c.read_csv("accidents/undecided/es003.csv", convert_options=text), "accidents/undecided/es003.parquet")'
sed -i.before '/es003:/d' accidents/undecided/capelint.yaml
exits 1 check "accidents/undecided/declarations/*.csv" --es003 accidents/undecided/es003.parquet \
  --config accidents/undecided/capelint.yaml
says "verdicts: 4 undecided" out
# An export that was filtered to some chapters of the tariff decides nothing: no slice shows that, the book does.
hts=$(head -n 1 "$ROOT/examples/portfolio/es003.csv" | tr ',' '\n' | grep -n 'HTS Number' | cut -d: -f1)
awk -F, -v hts="$hts" 'NR == 1 || $hts ~ /^"?99/' "$ROOT/examples/portfolio/es003.csv" > chapter-99.csv
awk -F, -v hts="$hts" 'NR == 1 || $hts !~ /^"?99/' "$ROOT/examples/portfolio/es003.csv" > commodities.csv
[ "$(wc -l < chapter-99.csv)" -gt 10 ] && [ "$(wc -l < commodities.csv)" -gt 10 ] || fail "the export was not filtered"
for what in "chapter-99:Chapters 1 to 97" "commodities:Chapter 99"; do
  exits 2 check "lake/{*.csv,other/*.csv}" --es003 "${what%%:*}.csv" "${lists[@]}" --config account.yaml --tasks 3
  says "cannot be checked: no row of the ES-003 has a number of ${what##*:}" err
  python -c 'import sys, pyarrow.parquet as p; sys.exit(p.read_table("result/records").num_rows)' \
    || fail "records are left of a run that could not be"
done

# Without an ES-003 it does not begin, nor where Spark passes over a file, or a slice would read otherwise.
exits 2 check "lake/*.csv"
: > "lake/of no size.csv"
exits 2 check "lake/*.csv" --es003 "$ROOT/examples/portfolio/es003.csv"
says "cannot be checked: " err
says "lake/of%20no%20size.csv: empty" err
passed "Spark example, $(python -c 'import pyspark; print(pyspark.__version__)'): $equal"
