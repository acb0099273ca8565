# What the packaging tests have in common. Sourced, not run.
#
# CAPELINT  the binary to test (default: target/release/capelint)
# TOOLS     where tools are installed and kept (default: target/packaging)
# shellcheck shell=bash

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CAPELINT=${CAPELINT:-$ROOT/target/release/capelint}
case $CAPELINT in /*) ;; *) CAPELINT=$PWD/$CAPELINT ;; esac
TOOLS=${TOOLS:-$ROOT/target/packaging}
mkdir -p "$TOOLS"
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/capelint-test.XXXXXX")
trap 'rm -rf "$SCRATCH"' EXIT

# A valid entry number, and the same with a wrong check digit.
GOOD=ABC12345676
BAD=ABC12345677

passed() {
  echo "passed: $*"
}

# Tools that cannot be had leave a test out; capelint failing it does not.
skip() {
  echo "skipped: $*"
  exit 0
}

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# need_binary: the binary under test runs.
need_binary() {
  "$CAPELINT" --version > /dev/null || fail "$CAPELINT does not run; build it with cargo build --release"
}

# exits STATUS COMMAND...: runs it, keeps its output in $SCRATCH/out and $SCRATCH/err, and fails
# the test where it ends with another status.
exits() {
  local expected=$1 status=0
  shift
  "$@" > "$SCRATCH/out" 2> "$SCRATCH/err" < /dev/null || status=$?
  if [ "$status" != "$expected" ]; then
    tail -n 40 "$SCRATCH/out" "$SCRATCH/err" >&2
    fail "expected exit $expected, got $status: $*"
  fi
}

# says TEXT FILE: the file has the text.
says() {
  grep -qF -- "$1" "$2" || { tail -n 40 "$2" >&2; fail "expected \`$1\` in $(basename "$2")"; }
}

# python_tools PACKAGE...: puts a virtual environment with the packages on the PATH, or skips.
python_tools() {
  command -v python3 > /dev/null || skip "no python3"
  local venv=$TOOLS/venv
  if ! [ -x "$venv/bin/python" ]; then
    python3 -m venv "$venv" > /dev/null 2>&1 || { rm -rf "$venv"; skip "python3 has no venv (apt-get install python3-venv)"; }
  fi
  PATH=$venv/bin:$PATH
  # Quick and offline where they are there already.
  local package
  for package in "$@"; do
    python -m pip show --quiet "${package%%[<>=]*}" > /dev/null 2>&1 && continue
    timeout 400 python -m pip install --quiet --disable-pip-version-check "$@" > "$SCRATCH/pip.log" 2>&1 \
      || skip "pip cannot install $*: $(tail -n 1 "$SCRATCH/pip.log")"
    break
  done
}

# A declaration that CBP's first checks take, and one that they refuse.
write_declarations() {
  mkdir -p "$1"
  printf 'Entry Number\n%s\n' "$GOOD" > "$1/good.csv"
  printf 'Entry Number\n%s\n%s\n' "$GOOD" "$BAD" > "$1/bad.csv"
}

# Two runs that check nothing, which no gate may take for a pass: without an ES-003, and with one that leaves every
# entry undecided. Each folder has a declaration and a configuration.
write_green_by_accident() {
  local folder
  for folder in "$1/no-es003" "$1/undecided"; do
    mkdir -p "$folder/declarations"
    cp "$ROOT/examples/pipeline/declarations/week-47.csv" "$folder/declarations/"
    cp "$ROOT/examples/pipeline/capelint.yaml" "$folder/"
  done
  sed -i.before '/es003:/d' "$1/no-es003/capelint.yaml"
  rm "$1/no-es003/capelint.yaml.before"
  # The numbers are there, and nothing else that a rule asks for.
  { echo "Entry Summary Number,Entry Type Code"; sed -n '2,$s/$/,01/p' "$1/undecided/declarations/week-47.csv"; } \
    > "$1/undecided/es003.csv"
}
