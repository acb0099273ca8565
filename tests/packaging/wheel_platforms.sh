#!/usr/bin/env bash
# Wheels for the oldest Linux systems that the project supports: glibc 2.17 and musl. They are for every Python 3, need
# no newer symbol than the system has, and pip takes them there.
#
# PROFILE=dev builds them without optimizing.
. "$(dirname "$0")/lib.sh"
[ "$(uname -sm)" = "Linux x86_64" ] || skip "not x86-64 Linux"
command -v readelf > /dev/null || skip "no readelf"
python_tools maturin ziglang
target=x86_64-unknown-linux-musl
if ! rustup target list --installed 2> /dev/null | grep -qx "$target"; then
  timeout 120 rustup target add "$target" > "$SCRATCH/rustup.log" 2>&1 || skip "no Rust target $target"
fi

cd "$ROOT"
# zig links against the symbols of the given glibc.
exits 0 maturin build --profile "${PROFILE:-release}" --locked --zig --target x86_64-unknown-linux-gnu \
  --compatibility manylinux2014 --out "$SCRATCH/dist"
exits 0 maturin build --profile "${PROFILE:-release}" --locked --target "$target" --compatibility musllinux_1_2 --out "$SCRATCH/dist"
glibc=$(echo "$SCRATCH"/dist/*-py3-none-manylinux2014_x86_64*.whl)
musl=$(echo "$SCRATCH"/dist/*-py3-none-musllinux_1_2_x86_64.whl)
[ -f "$glibc" ] || fail "no wheel for glibc 2.17: $(ls "$SCRATCH/dist")"
[ -f "$musl" ] || fail "no wheel for musl: $(ls "$SCRATCH/dist")"

# unpack WHEEL: puts its program into $program.
unpack() {
  rm -rf "$SCRATCH/unpacked"
  python -m zipfile -e "$1" "$SCRATCH/unpacked"
  program=$(echo "$SCRATCH"/unpacked/*.data/scripts/capelint)
  chmod +x "$program"
}
# newest: the newest version of glibc whose symbols the program asks for.
newest() {
  readelf --dyn-syms --wide "$program" | { grep -oE 'GLIBC_[0-9.]+' || true; } | sed 's/GLIBC_//' | sort -V | tail -n 1
}
unpack "$glibc"
version=$(newest)
[ "$(printf '%s\n2.17\n' "$version" | sort -V | tail -n 1)" = 2.17 ] || fail "the wheel for glibc 2.17 needs glibc $version"
exits 0 "$program" rules --isolated
unpack "$musl"
static=$(newest)
[ -z "$static" ] || fail "the wheel for musl needs glibc $static"
if readelf -d "$program" | grep -q NEEDED; then fail "the wheel for musl needs libraries"; fi
exits 0 env -i "$program" rules --isolated

# pip chooses them for these systems, whatever the version of Python.
for python in 3.9 3.13; do
  for platform in manylinux2014_x86_64 manylinux_2_17_x86_64 musllinux_1_2_x86_64; do
    exits 0 python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --find-links "$SCRATCH/dist" \
      --only-binary :all: --python-version "$python" --platform "$platform" --target "$SCRATCH/$python-$platform" capelint
    [ -f "$SCRATCH/$python-$platform/capelint/py.typed" ] || fail "no package for $platform"
  done
done
passed "wheels for glibc 2.17 (it needs $version) and musl (static), for every Python 3"
