#!/usr/bin/env bash
# SARIF, looked at by Microsoft's own validator.
. "$(dirname "$0")/lib.sh"
need_binary
command -v npm > /dev/null || skip "no npm"
command -v node > /dev/null || skip "no node"

# The program itself: its npm wrapper hands arguments to a shell unquoted.
program=$TOOLS/npm/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
if ! [ -x "$program" ]; then
  timeout 300 npm install --prefix "$TOOLS/npm" --no-audit --no-fund --loglevel=error @microsoft/sarif-multitool-linux@5 \
    > "$SCRATCH/npm.log" 2>&1 || skip "npm cannot install @microsoft/sarif-multitool-linux: $(tail -n 1 "$SCRATCH/npm.log")"
fi
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
validator() { "$program" "$@"; }
validator --version > /dev/null 2>&1 || skip "sarif-multitool does not run on this machine"

cd "$ROOT"
validate() { # validate NAME STATUS ARGUMENTS...: the SARIF of a run has no errors and no warnings
  local name=$1 status=$2
  shift 2
  exits "$status" "$CAPELINT" check "$@" --format sarif
  cp "$SCRATCH/out" "$SCRATCH/$name.sarif"
  exits 0 validator validate "$SCRATCH/$name.sarif" --output "$SCRATCH/$name-validation.sarif" --log ForceOverwrite
  node - "$SCRATCH/$name-validation.sarif" "$SCRATCH/$name.sarif" "$name" <<'EOF' || fail "SARIF of $name"
const fs = require('fs');
const [report, subject, name] = process.argv.slice(2);
const read = file => JSON.parse(fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
// SARIF2005 asks for the tool's home page, and capelint has none yet.
const found = read(report).runs.flatMap(run => run.results || []).filter(result => result.ruleId !== 'SARIF2005');
for (const result of found) {
  const rule = result.ruleId, where = result.locations?.[0]?.physicalLocation?.region?.startLine;
  console.error(`${result.level || 'warning'} ${rule} at line ${where}: ${result.message.text || result.message.arguments}`);
}
const results = read(subject).runs.flatMap(run => run.results || []);
if (name !== 'clean' && results.length === 0) { console.error('no results to validate'); process.exit(1); }
process.exit(found.length ? 1 : 0);
EOF
}

write_declarations "$SCRATCH/declarations"
validate clean 0 --filing-date 2026-11-22 examples/pipeline/declarations/week-47.csv
validate findings 1 --isolated "$SCRATCH/declarations/bad.csv"
validate pipeline 1 --filing-date 2026-11-22 examples/pipeline/declarations
if [ -f examples/march/declaration.csv ]; then
  validate march 1 --filing-date 2026-11-22 examples/march/declaration.csv
fi
passed "sarif-multitool finds nothing wrong"
