#!/usr/bin/env bash
# The Windows program, built here and run under wine: the main job, `fix`, patterns with backslashes,
# folders with spaces and umlauts, UTF-16, read-only and locked files, long paths, dropped files.
. "$(dirname "$0")/lib.sh"
target=x86_64-pc-windows-gnu
command -v x86_64-w64-mingw32-gcc > /dev/null || skip "no mingw-w64 (apt-get install mingw-w64)"
wine=$(command -v wine64 || ls /usr/lib/wine/wine64 2> /dev/null || command -v wine || true)
[ -n "$wine" ] || skip "no wine (apt-get install wine64)"
if ! rustup target list --installed 2> /dev/null | grep -qx "$target"; then
  timeout 120 rustup target add "$target" > "$SCRATCH/rustup.log" 2>&1 || skip "no Rust target $target"
fi
cd "$ROOT"
exits 0 cargo build --profile "${PROFILE:-release}" --locked --quiet --target "$target" --bin capelint
profile=${PROFILE:-release}
built=${CARGO_TARGET_DIR:-target}/$target/${profile/#dev/debug}/capelint.exe

bin=$SCRATCH/bin
mkdir "$bin"
cp "$built" "$bin/capelint.exe"
x86_64-w64-mingw32-gcc -O2 -shared -o "$bin/bcryptprimitives.dll" \
  "$ROOT/tests/packaging/windows/bcryptprimitives.c" -ladvapi32
export WINEPREFIX=$SCRATCH/wine WINEDEBUG=-all DISPLAY=
export WINEDLLOVERRIDES='mscoree,mshtml=;bcryptprimitives=n'
wineserver=$(command -v wineserver || echo /usr/lib/wine/wineserver64)
trap '"$wineserver" -k > /dev/null 2>&1; rm -rf "$SCRATCH"' EXIT
timeout 300 "$wine" "$bin/capelint.exe" --version > "$SCRATCH/version" 2> "$SCRATCH/wine.log" \
  || skip "wine does not run the program: $(tail -n 1 "$SCRATCH/wine.log")"

# windows STATUS ARGUMENT...: runs the program in the current folder, as `exits` does. Its output has
# CRLF nowhere, so the same texts are looked for as on other systems.
windows() {
  local expected=$1
  shift
  exits "$expected" timeout 120 "$wine" "$bin/capelint.exe" "$@"
}

bin_drive="Z:$(printf '%s' "$bin" | tr / '\\')"
work="$SCRATCH/Zoll Prüfung 2026"
mkdir -p "$work/exports"
cp "$ROOT"/examples/march/*.csv "$ROOT/examples/march/capelint.yaml" "$work"
cd "$work"
day=2026-11-22

# The main job prints the same as on this system, byte for byte, but for the line that names folders.
windows 1 check declaration.csv --filing-date $day --format csv
cp "$SCRATCH/out" "$SCRATCH/windows.csv"
exits 1 "$CAPELINT" check declaration.csv --filing-date $day --format csv
cmp "$SCRATCH/out" "$SCRATCH/windows.csv" || fail "the findings differ from those on this system"

# `fix` writes the same files.
windows 1 fix declaration.csv --filing-date $day --out 'up load\first'
exits 1 "$CAPELINT" fix declaration.csv --filing-date $day --out here
diff -r here 'up load/first' || fail "\`fix\` wrote other files"
rm -r here

# Paths with backslashes, patterns, drives and long names.
cp es003.csv 'exports/märz.csv'
windows 1 check '.\declaration.csv' --isolated --es003 'exports\*.csv' --filing-date $day --format short
says "declaration.csv" "$SCRATCH/out"
drive="Z:$(printf '%s' "$work" | tr / '\\')"
windows 1 check "$drive\\declaration.csv" --filing-date $day --format short
windows 1 check "\\\\?\\$drive\\declaration.csv" --filing-date $day --format short
long=$(printf 'a%.0s' {1..100})
mkdir -p "$long/$long/$long"
cp declaration.csv "$long/$long/$long/"
windows 1 check "\\\\?\\$drive\\$long\\$long\\$long\\declaration.csv" --isolated --es003 es003.csv --filing-date $day --format short

# What Excel saves as "Unicode text", and Notepad as configuration.
iconv -f UTF-8 -t UTF-16 declaration.csv > utf16.csv
windows 1 check utf16.csv --filing-date $day --format csv
{ printf '\377\376'; iconv -f UTF-8 -t UTF-16LE capelint.yaml; } > wide.yaml
windows 1 check declaration.csv --config wide.yaml --filing-date $day --format short

# A file that another program keeps for itself: the message names Excel.
x86_64-w64-mingw32-gcc -O2 -municode -o "$bin/locked.exe" "$ROOT/tests/packaging/windows/locked.c"
exits 2 timeout 120 "$wine" "$bin/locked.exe" es003.csv "$bin_drive\\capelint.exe" \
  check declaration.csv --filing-date $day --format short
says '`es003.csv` is open in another program, such as Excel' "$SCRATCH/err"
cp declaration.csv report.html
exits 2 timeout 120 "$wine" "$bin/locked.exe" report.html "$bin_drive\\capelint.exe" \
  check declaration.csv --filing-date $day --output html=report.html --format short
says "Excel" "$SCRATCH/err"
cmp declaration.csv report.html || fail "a locked file was changed"

# A read-only file is not written over.
windows 1 fix declaration.csv --filing-date $day --out again
chmod a-w again again/*
windows 2 fix declaration.csv --filing-date $day --out again
says "exist" "$SCRATCH/err"
chmod -R u+w again

# Files that are dropped on the program come as paths on a drive, and nothing else. It plans or checks
# them; that it opens the report is tested in tests/open.rs, as wine has no browser.
mkdir dropped
cp es003.csv declaration.csv dropped/
windows 1 "$drive\\dropped\\es003.csv"
says "capelint plan" "$SCRATCH/out"
for file in summary.html worklist.csv; do
  ls dropped/capelint*/$file > /dev/null 2>&1 || fail "a dropped export gave no $file"
done
windows 1 "$drive\\dropped\\es003.csv" "$drive\\dropped\\declaration.csv"
says "capelint check" "$SCRATCH/out"
ls dropped/capelint*/report.html > /dev/null 2>&1 || fail "a dropped declaration gave no report"

# A double click is a start by a program of that name without any argument: it takes the files beside it.
cp "$bin/locked.exe" "$bin/explorer.exe"
mkdir clicked
cp es003.csv clicked/
echo "kept by another program" > held.txt
cd clicked
exits 1 timeout 120 "$wine" "$bin/explorer.exe" ../held.txt "$bin_drive\\capelint.exe" < /dev/null
says "capelint plan" "$SCRATCH/out"
says "Press Enter to close this window" "$SCRATCH/out"
ls capelint*/summary.html > /dev/null 2>&1 || fail "a double click gave no plan"
cd ..

passed "Windows program under wine, $(($(wc -c < "$built") / 1024)) KiB"
