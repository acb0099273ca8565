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

  write_green_by_accident "$SCRATCH/accidents"
  for case in no-es003 undecided; do
    folder=$SCRATCH/accidents/$case
    exits 1 lint "$folder/declarations" "$reports" --filing-date 2026-11-22
    says '"verdict":"undecided"' "$reports/capelint.jsonl"
    says 'do not upload' err
    # The program itself, by every level and in silence, and what writes the uploads.
    for level in error stop warning never; do
      exits 1 "$CAPELINT" check "$folder/declarations" --filing-date 2026-11-22 --fail-on $level --quiet
      says "0 ready, 4 undecided" out
    done
    exits 1 "$CAPELINT" fix "$folder/declarations" --filing-date 2026-11-22 --out "$SCRATCH/upload.$case" --force
    says "no upload file: no entry may be uploaded" out
    rm -r "$SCRATCH/upload.$case"
  done
done
passed "pipeline example"
