#!/usr/bin/env bash
# The Python wheel: built, installed into a fresh virtual environment, and run from there.
#
# PROFILE=dev builds it without optimising, from what `cargo test` has built already.
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
# Without an export nothing is decided, which is no pass.
exits 1 installed check --isolated declarations/good.csv
says "0 ready, 1 undecided" out
exits 0 installed check --isolated --fail-on never declarations/good.csv
exits 1 installed check --isolated declarations/bad.csv
says "bad.csv:3:1" out
exits 2 installed check --isolated declarations/missing.csv
# The rules are in the binary.
exits 0 installed rules
exits 0 "$SCRATCH/fresh/bin/python" -m zipfile -l "$wheel"
says "licenses/LICENSE-MIT" out
says "licenses/LICENSE-APACHE" out
passed "wheel $(basename "$wheel"), $(($(wc -c < "$wheel") / 1024)) KiB, runs in a fresh environment"
