#!/usr/bin/env bash
# The static Linux build: one file that needs nothing of the system it runs on.
#
# PROFILE=dev builds it without optimizing, which is quicker.
. "$(dirname "$0")/lib.sh"
target=x86_64-unknown-linux-musl
[ "$(uname -sm)" = "Linux x86_64" ] || skip "not x86-64 Linux"
if ! rustup target list --installed 2> /dev/null | grep -qx "$target"; then
  timeout 120 rustup target add "$target" > "$SCRATCH/rustup.log" 2>&1 || skip "no Rust target $target"
fi
cd "$ROOT"
exits 0 cargo build --profile "${PROFILE:-release}" --locked --quiet --target "$target"
profile=${PROFILE:-release}
binary=${CARGO_TARGET_DIR:-target}/$target/${profile/dev/debug}/capelint
if ldd "$binary" > "$SCRATCH/ldd" 2>&1 && ! grep -q "statically linked" "$SCRATCH/ldd"; then
  fail "it needs libraries: $(cat "$SCRATCH/ldd")"
fi
write_declarations "$SCRATCH/declarations"
# Without an export nothing is decided, which is not a pass.
exits 1 env -i "$binary" check --isolated "$SCRATCH/declarations/good.csv"
says "0 ready, 1 undecided" "$SCRATCH/out"
exits 1 env -i "$binary" check --isolated --fail-on never "$SCRATCH/declarations/good.csv"
exits 1 env -i "$binary" check --isolated "$SCRATCH/declarations/bad.csv"
says "bad.csv:3:1" "$SCRATCH/out"
passed "static build, $(($(wc -c < "$binary") / 1024)) KiB"
