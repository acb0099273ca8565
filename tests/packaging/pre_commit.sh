#!/usr/bin/env bash
# The pre-commit hook, for real: a repository that commits a declaration.
#
# WHOLE=1 also builds the hook from source as pre-commit does for users, which takes minutes.
. "$(dirname "$0")/lib.sh"
need_binary
command -v git > /dev/null || skip "no git"
python_tools pre-commit

export HOME=$SCRATCH/home PRE_COMMIT_HOME=$SCRATCH/pre-commit
export GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@example.com GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@example.com
export GIT_CONFIG_NOSYSTEM=1
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
# rustup finds its toolchains there, not in the test's empty home.
export CARGO_HOME=${CARGO_HOME:-$(eval echo ~"$(id -un)")/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$(eval echo ~"$(id -un)")/.rustup}
mkdir -p "$HOME" "$SCRATCH/bin"
ln -s "$CAPELINT" "$SCRATCH/bin/capelint"
PATH=$SCRATCH/bin:$PATH

# The hooks' repository: the files that git has here, as they are now.
hooks=$SCRATCH/hooks
mkdir "$hooks"
(cd "$ROOT" && git ls-files -z --cached --others --exclude-standard \
  | while IFS= read -r -d '' file; do [ -e "$file" ] && printf '%s\0' "$file"; done \
  | tar --null -T - -cf -) | tar -xf - -C "$hooks"
git -C "$hooks" init -q
git -C "$hooks" add -A
git -C "$hooks" commit -qm "hooks"
rev=$(git -C "$hooks" rev-parse HEAD)
exits 0 pre-commit validate-manifest "$hooks/.pre-commit-hooks.yaml"

try() { # try HOOK: commits with the hook, in a new repository
  local repository=$SCRATCH/$1
  mkdir "$repository"
  cd "$repository"
  git init -q
  cat > .pre-commit-config.yaml <<EOF
repos:
  - repo: file://$hooks
    rev: $rev
    hooks:
      - id: $1
EOF
  exits 0 pre-commit install
  write_declarations declarations
  mv declarations/bad.csv .
  # A declaration that may be filed, with its export; tables beside the declarations are not linted.
  cp "$ROOT/examples/pipeline/declarations/week-47.csv" declarations/good.csv
  cp "$ROOT"/examples/pipeline/{es003.csv,capelint.yaml} .
  git add -A
  git reset -q bad.csv
  exits 0 git commit -m "a declaration"
  says "Passed" "$SCRATCH/err"
  mv bad.csv declarations/bad.csv
  git add -A
  exits 1 git commit -m "a declaration that CBP refuses"
  says "Failed" "$SCRATCH/err"
  says "declarations/bad.csv:3:1" "$SCRATCH/err"
  # One line a finding.
  says "declarations/bad.csv:3:1: error[check-digit]: " "$SCRATCH/err"
  [ "$(git log --oneline | wc -l)" = 1 ] || fail "the commit went through"
  # A run that checks nothing is not a pass.
  local case
  for case in no-es003 undecided; do
    git reset -q --hard
    cp "$SCRATCH/accidents/$case/declarations/week-47.csv" declarations/good.csv
    sed -i.before '$d' declarations/good.csv && rm declarations/good.csv.before
    cp "$SCRATCH/accidents/$case/capelint.yaml" .
    if [ $case = undecided ]; then cp "$SCRATCH/accidents/$case/es003.csv" .; fi
    git add -A
    exits 1 git commit -m "$case"
    says "Failed" "$SCRATCH/err"
    says "undecided[" "$SCRATCH/err"
  done
}

write_green_by_accident "$SCRATCH/accidents"
try capelint-system
passed "pre-commit hook capelint-system takes a good declaration and stops a bad one"
if [ "${WHOLE:-0}" = 1 ]; then
  # Dependencies that are built already are not built again.
  export CARGO_TARGET_DIR=$ROOT/target
  rm "$SCRATCH/bin/capelint"
  try capelint
  passed "pre-commit hook capelint, built from source, does the same"
fi
