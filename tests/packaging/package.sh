#!/usr/bin/env bash
# What `cargo package` packs builds and runs by itself, and has what a registry asks for.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
command -v cargo > /dev/null || skip "no cargo"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}
exits 0 cargo package --locked --allow-dirty --no-verify --quiet
version=$(.ci/version)
archive=$CARGO_TARGET_DIR/package/capelint-$version.crate
[ -s "$archive" ] || fail "there is no $archive"
tar -xzf "$archive" -C "$SCRATCH"
packed=$SCRATCH/capelint-$version
for file in LICENSE-MIT LICENSE-APACHE README.md CHANGELOG.md Cargo.lock rules/pack.yaml; do
  [ -s "$packed/$file" ] || fail "the archive lacks $file"
done
for file in fuzz web .github; do
  [ ! -e "$packed/$file" ] || fail "the archive has $file, which nobody needs to build it"
done
kilobytes=$(($(wc -c < "$archive") / 1024))
[ "$kilobytes" -lt 5000 ] || fail "the archive has $kilobytes KiB"

cd "$packed"
exits 0 cargo build --profile "${PROFILE:-release}" --locked --offline --quiet
profile=${PROFILE:-release}
binary=$CARGO_TARGET_DIR/${profile/#dev/debug}/capelint
write_declarations "$SCRATCH/declarations"
exits 0 "$binary" --version
exits 1 "$binary" check --isolated "$SCRATCH/declarations/bad.csv"
says "check-digit" "$SCRATCH/out"
# Tests that need what is not packed would fail here.
if [ "${PACKAGE_TESTS:-yes}" = yes ]; then
  exits 0 cargo test --locked --offline --quiet
fi
passed "cargo package, $kilobytes KiB"
