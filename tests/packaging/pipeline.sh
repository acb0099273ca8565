#!/usr/bin/env bash
# The pipeline example: fails on errors, keeps its reports, and leaves none where it could not run.
. "$(dirname "$0")/lib.sh"
need_binary
export CAPELINT
for shell in sh dash "busybox sh"; do
  # shellcheck disable=SC2086 # two words for busybox
  $shell -c : 2> /dev/null || continue
  reports=$SCRATCH/reports
  lint() { $shell "$ROOT/examples/pipeline/lint.sh" "$@"; }
  cd "$SCRATCH"

  exits 1 lint "$ROOT/examples/pipeline/declarations" "$reports" --filing-date 2026-11-22
  for report in sarif html jsonl; do [ -s "$reports/capelint.$report" ] || fail "no $report"; done
  says '"rule":"liquidated-over-80-days"' "$reports/capelint.jsonl"
  says '"verdict":"ready"' "$reports/capelint.jsonl"
  says '<html' "$reports/capelint.html"
  says 'do not upload' err

  exits 0 lint "$ROOT/examples/pipeline/declarations/week-47.csv" "$reports" --filing-date 2026-11-22
  exits 2 lint "$SCRATCH/missing" "$reports"
  [ -z "$(ls -A "$reports")" ] || fail "reports are left of a run that could not be"
done
passed "pipeline example"
