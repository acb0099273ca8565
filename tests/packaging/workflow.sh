#!/usr/bin/env bash
# action.yml and the workflow fit GitHub's schemas; the action's own step does what it promises.
. "$(dirname "$0")/lib.sh"
need_binary
python_tools check-jsonschema pyyaml
cd "$ROOT"
exits 0 check-jsonschema --builtin-schema vendor.github-actions action.yml
exits 0 check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

python - action.yml > "$SCRATCH/step.sh" <<'EOF'
import sys, yaml
steps = yaml.safe_load(open(sys.argv[1]))["runs"]["steps"]
print(next(step["run"] for step in steps if step.get("id") == "check"))
EOF
mkdir "$SCRATCH/bin"
ln -s "$CAPELINT" "$SCRATCH/bin/capelint"
export PATH=$SCRATCH/bin:$PATH RUNNER_TEMP=$SCRATCH FAIL_ON=error FILING_DATE=2026-11-22 ES003='' MORE_ARGS=''
export GITHUB_OUTPUT=$SCRATCH/output GITHUB_STEP_SUMMARY=$SCRATCH/summary
write_declarations "$SCRATCH/two words"
step() { # step STATUS: runs the step with empty output files
  : > "$GITHUB_OUTPUT"
  : > "$GITHUB_STEP_SUMMARY"
  exits "$1" bash -e "$SCRATCH/step.sh"
}
export DECLARATIONS="$SCRATCH/two words/good.csv"$'\n'"$SCRATCH/two words/bad.csv"$'\n' MORE_ARGS=$'--isolated\n--max-per-rule\n5\n'
step 1
says "exit-code=1" "$GITHUB_OUTPUT"
sarif=$(sed -n 's/^sarif=//p' "$GITHUB_OUTPUT")
[ -s "$sarif" ] || fail "the step left no SARIF"
[ -s "$GITHUB_STEP_SUMMARY" ] || fail "the step wrote no summary"
FAIL_ON=never MORE_ARGS= DECLARATIONS=$ROOT/examples/march/declaration.csv step 0
DECLARATIONS=$SCRATCH/missing.csv step 2
says "::error title=capelint cannot run; nothing was checked::error[no-such-file]: file \`$SCRATCH/missing.csv\` not found" "$SCRATCH/out"
says "capelint cannot run" "$GITHUB_STEP_SUMMARY"
says "missing.csv\` not found" "$GITHUB_STEP_SUMMARY"
if grep -q '^sarif=' "$GITHUB_OUTPUT"; then fail "a run that could not be gave SARIF"; fi
# An input is a file's name, whatever it looks like.
DECLARATIONS="\$(touch $SCRATCH/ran)" step 2
[ ! -e "$SCRATCH/ran" ] || fail "an input was run as a command"
# The log of a run is between commands that stop and resume commands, with a token that nobody can guess, and
# nothing of it is on standard error, which the runner reads at a time of its own.
printf 'Entry Number\r\n::error::planted ##[error]x\r\n' > "$SCRATCH/hostile.csv"
tokens=()
for files in "$SCRATCH/hostile.csv" "$SCRATCH/missing ::error::planted.csv"; do
  : > "$GITHUB_OUTPUT"
  DECLARATIONS=$files bash -e "$SCRATCH/step.sh" > "$SCRATCH/log" 2> "$SCRATCH/log.errors" || true
  [ ! -s "$SCRATCH/log.errors" ] || fail "the step writes to standard error"
  token=$(sed -n '1s/^::stop-commands:://p' "$SCRATCH/log")
  [ ${#token} -eq 32 ] || fail "the log does not begin with a random token"
  sed "1d;/^::$token::\$/,\$d" "$SCRATCH/log" > "$SCRATCH/stopped"
  grep -q planted "$SCRATCH/stopped" || fail "the findings are not between the tokens"
  ! grep -qE '^[[:space:]]*::|##\[' "$SCRATCH/stopped" || fail "a command is in the log"
  sed "1,/^::$token::\$/d" "$SCRATCH/log" > "$SCRATCH/resumed"
  ! grep -vE '^::error title=capelint cannot run; nothing was checked::' "$SCRATCH/resumed" || fail "findings are behind the tokens"
  tokens+=("$token")
done
[ "${tokens[0]}" != "${tokens[1]}" ] || fail "two runs have one token"
# A run that checks nothing is not a pass.
write_green_by_accident "$SCRATCH/accidents"
export FAIL_ON=stop MORE_ARGS=
for case in no-es003 undecided; do
  for level in error stop warning never; do
    FAIL_ON=$level DECLARATIONS=$SCRATCH/accidents/$case/declarations step 1
  done
  says "4 undecided" "$GITHUB_STEP_SUMMARY"
done
passed "GitHub Action"
