#!/usr/bin/env bash
# A clean clone, followed to the letter: what README.md gives to type on a fresh machine with Rust, in an
# empty home.
#
# Crates that are built already are not built again; CLEAN=yes builds all of them.
. "$(dirname "$0")/lib.sh"
command -v git > /dev/null || skip "no git"
git -C "$ROOT" rev-parse HEAD > /dev/null 2>&1 || skip "not a git repository"

mkdir "$SCRATCH/home"
exits 0 git clone --quiet "$ROOT" "$SCRATCH/clone"
cd "$SCRATCH/clone"
target=${CARGO_TARGET_DIR:-$ROOT/target}
[ "${CLEAN:-no}" = no ] || target=$SCRATCH/target
# Only what rustup and cargo need; nothing of the user's own.
fresh() {
  env -i HOME="$SCRATCH/home" PATH="$PATH" CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}" RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}" \
    CARGO_TARGET_DIR="$target" CARGO_TERM_COLOR=never bash -c "$1"
}
# The first block of README.md that has commands of cargo, without its comments.
commands=$(awk '/^```sh/ { block = 1; next } /^```/ { block = 0 } block && /^cargo / { sub(/ +#.*/, ""); print }' README.md)
[ "$(echo "$commands" | head -n 1)" = "cargo run --release -- check examples/march/declaration.csv --filing-date 2026-11-22" ] \
  || fail "README.md begins with other commands: $commands"
exits 1 fresh "$(echo "$commands" | head -n 1)"
says "48 entries" "$SCRATCH/out"
# The second command runs all tests: it is the gate's own step, so here it only builds them.
[ "$(echo "$commands" | sed -n 2p)" = "cargo test" ] || fail "the second command is not cargo test"
exits 0 fresh "cargo test --no-run"
# The first row of the table.
exits 0 fresh "cargo install --locked --path . --root '$SCRATCH/installed'"
exits 0 env -i HOME="$SCRATCH/home" "$SCRATCH/installed/bin/capelint" --version
[ -z "$(git status --porcelain)" ] || fail "the clone is changed: $(git status --short | head)"
passed "a clean clone builds, checks the example and installs"
