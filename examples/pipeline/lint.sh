#!/bin/sh
# Lints every declaration of a folder in one run, keeps the reports, and fails on errors,
# stops and undecided entries.
#
#   lint.sh [FOLDER] [REPORTS] [FLAGS OF `capelint check`...]
#
# FOLDER   declarations, .csv and .xlsx; a capelint.yaml in it or above names the exports
# REPORTS  where capelint.sarif, capelint.html and capelint.jsonl go
#
# Exit 0: no error, no stop, nothing undecided, and an entry that may be uploaded. 1: something to resolve first. 2: could not run; then there are no reports.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-"$here/declarations"}
reports=${2:-reports}
if [ $# -gt 2 ]; then shift 2; else set --; fi

mkdir -p "$reports"
# A report of another day must not be taken for today's, and half a report for a whole one.
rm -f "$reports/capelint.sarif" "$reports/capelint.html" "$reports/capelint.jsonl"
new=$(mktemp -d "$reports/.new.XXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

status=0
"${CAPELINT:-capelint}" check "$folder" \
  --output "sarif=$new/capelint.sarif" \
  --output "html=$new/capelint.html" \
  --output "jsonl=$new/capelint.jsonl" \
  "$@" || status=$?

case $status in
  0 | 1) mv "$new"/capelint.* "$reports/" ;;
esac
case $status in
  0) echo "pipeline: no error, no stop, nothing undecided; reports in $reports" >&2 ;;
  1) echo "pipeline: do not upload before the findings are resolved; reports in $reports" >&2 ;;
  *) echo "pipeline: capelint could not run (exit $status); nothing was judged" >&2 ;;
esac
exit "$status"
