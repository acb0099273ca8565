#!/usr/bin/env bash
# The Python wheel: built, installed into a fresh virtual environment, and run from there. The Python package gives
# what the program prints, and reads the same in Polars, pandas and DuckDB where pip can install them.
#
# PROFILE=dev builds it without optimizing, which is quicker.
. "$(dirname "$0")/lib.sh"
python_tools maturin

cd "$ROOT"
exits 0 maturin build --profile "${PROFILE:-release}" --locked --out "$SCRATCH/dist"
wheel=$(echo "$SCRATCH"/dist/*.whl)
[ -f "$wheel" ] || fail "maturin built no wheel"

# Nothing but the package: no tools, no cargo, no repository.
python -m venv "$SCRATCH/fresh"
exits 0 "$SCRATCH/fresh/bin/pip" install --no-index --disable-pip-version-check "$wheel"
cd "$SCRATCH"
write_declarations declarations
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml" | head -n 1)
installed() { env -i PATH="$SCRATCH/fresh/bin:/usr/bin:/bin" capelint "$@"; }
exits 0 installed --version
says "capelint $version" out
# Without an export nothing is decided, which is not a pass.
exits 1 installed check --isolated declarations/good.csv
says "0 ready, 1 undecided" out
exits 1 installed check --isolated --fail-on never declarations/good.csv
exits 1 installed check --isolated declarations/bad.csv
says "bad.csv:3:1" out
exits 2 installed check --isolated declarations/missing.csv
# The rules are in the binary.
exits 0 installed rules
exits 0 "$SCRATCH/fresh/bin/python" -m zipfile -l "$wheel"
says "licenses/LICENSE-MIT" out
says "licenses/LICENSE-APACHE" out
says "capelint/py.typed" out
# What a package index shows.
exits 0 "$SCRATCH/fresh/bin/python" -c 'from importlib import metadata; print(metadata.metadata("capelint"))'
for field in Summary Keywords License-Expression Requires-Python Description-Content-Type; do says "$field: " out; done
says "capelint checks a CAPE declaration before you upload it" out

# The package, with nothing but Python; then with what reads its tables.
export EXAMPLES=$ROOT/examples
package() { env -i EXAMPLES="$EXAMPLES" PATH="$1/bin:/usr/bin:/bin" "$1/bin/python" "$ROOT/tests/packaging/python_package.py"; }
exits 0 package "$SCRATCH/fresh"
data="without pyarrow, Polars, pandas and DuckDB, which pip cannot install"
if "$TOOLS/data/bin/python" -c 'import duckdb, pandas, polars, pyarrow' 2> "$SCRATCH/err" \
  || { python3 -m venv "$TOOLS/data" && timeout 400 "$TOOLS/data/bin/pip" install --quiet --disable-pip-version-check \
    duckdb pandas polars pyarrow; } > "$SCRATCH/pip.log" 2>&1; then
  exits 0 "$TOOLS/data/bin/pip" install --no-index --no-deps --force-reinstall --disable-pip-version-check "$wheel"
  exits 0 package "$TOOLS/data"
  if grep -q skipped "$SCRATCH/err"; then cat "$SCRATCH/err"; fail "a test was skipped though its modules are there"; fi
  data="with Polars, pandas and DuckDB"
fi
typed="types not checked: pip cannot install mypy"
if python -m mypy --version > /dev/null 2>&1 || timeout 400 python -m pip install --quiet mypy > "$SCRATCH/pip.log" 2>&1; then
  cd "$ROOT"
  exits 0 python -m mypy --no-incremental --cache-dir=/dev/null
  typed="mypy --strict"
fi
passed "wheel $(basename "$wheel"), $(($(wc -c < "$wheel") / 1024)) KiB, runs in a fresh environment; package $data; $typed"
