/** What the tests of the page have in common: the page, the command line beside it, and made-up files. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { test as base, expect, type Download, type Page } from "@playwright/test";
import { unzipSync, zipSync } from "fflate";

export const root = resolve(import.meta.dirname, "../..");
export const march = join(root, "examples/march");
export const portfolio = join(root, "examples/portfolio");
export const day = "2026-11-22";

export const address = pathToFileURL(process.env["PAGE"] ?? join(root, "web/dist/capelint.html")).href;

/** A page that was opened, that printed nothing on the console, and that requested nothing. */
export const test = base.extend<{ capelint: Page }>({
  capelint: async ({ page }, use) => {
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(error.message));
    page.on("dialog", (dialog) => {
      said.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      const url = request.url();
      // The page itself, and what it makes of itself: its worker, and what it hands to the downloads.
      if (url !== address && !url.startsWith("blob:") && !url.startsWith("data:")) said.push(`request: ${url}`);
    });
    await page.goto(address);
    await expect(page.getByText("rule pack")).toBeVisible();
    await use(page);
    expect(said).toEqual([]);
  },
});

export { expect };

/** The program to compare with. */
function program(): string {
  const target = process.env["CARGO_TARGET_DIR"] ?? join(root, "target");
  const found = [process.env["CAPELINT"], join(target, "release/capelint"), join(target, "debug/capelint")].find(
    (path) => path && existsSync(path),
  );
  if (!found) throw new Error("no capelint; build it with cargo build, or set CAPELINT");
  return resolve(found);
}

/** What the command line prints. Exit 1 (findings) is as good as 0 here. */
export function cli(folder: string, ...given: string[]): Buffer {
  const run = spawnSync(program(), given, { cwd: folder, maxBuffer: 1 << 30 });
  if (run.status !== 0 && run.status !== 1) throw new Error(`capelint ${given.join(" ")}: ${run.stderr.toString()}`);
  return run.stdout;
}

export const scratch = () => mkdtempSync(join(tmpdir(), "capelint-page-"));

/** The files of a folder, by their paths in it. */
export function tree(folder: string): Record<string, Buffer> {
  const files: Record<string, Buffer> = {};
  const walk = (at: string) => {
    for (const name of readdirSync(at)) {
      const path = join(at, name);
      if (statSync(path).isDirectory()) walk(path);
      else files[relative(folder, path)] = readFileSync(path);
    }
  };
  walk(folder);
  return files;
}

export async function bytes(download: Download): Promise<Buffer> {
  return readFileSync(await download.path());
}

/** The files of a ZIP. */
export async function unzipped(download: Download): Promise<Record<string, Buffer>> {
  const files = unzipSync(await bytes(download));
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [name, Buffer.from(content)]));
}

export async function provide(page: Page, files: Parameters<ReturnType<Page["getByTestId"]>["setInputFiles"]>[0]) {
  await page.getByTestId("drop").setInputFiles(files);
}

/** Checks, and waits for the result. */
export async function check(page: Page, filingDate = day) {
  await page.getByTestId("filing-date").fill(filingDate);
  await page.getByTestId("run").click();
  await expect(page.getByRole("heading", { name: "Result" })).toBeVisible();
  await expect(page.getByTestId("run")).toBeEnabled();
}

export async function downloaded(page: Page, hook: string): Promise<Download> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(hook).click()]);
  return download;
}

/** A valid entry number under the made-up filer code ABC. */
export function entry(serial: number): string {
  const ten = `ABC${String(serial).padStart(7, "0")}`;
  const value = (c: string) => (/\d/.test(c) ? Number(c) : ((c.charCodeAt(0) - 65) % 9) + 1 + (c >= "S" ? 1 : 0));
  let sum = 0;
  [...ten].forEach((c, at) => {
    const doubled = value(c) * (at % 2 === 1 ? 2 : 1);
    sum += Math.floor(doubled / 10) + (doubled % 10);
  });
  return `${ten}${(10 - (sum % 10)) % 10}`;
}

/** As reports write it: ABC-1234567-6. */
export const dashed = (number: string) => `${number.slice(0, 3)}-${number.slice(3, 10)}-${number.slice(10)}`;

/** An ES-003 of so many entries, each with one IEEPA line. */
export function es003(entries: number, first = 1): Buffer {
  const rows = [
    "Entry Summary Number,Importer Number,Entry Type Code,Entry Date,Entry Summary Status,Control Status,Liquidation Status,Liquidation Date,Line Number,Tariff Ordinal Number,HTS Number - Full,Line Tariff Goods Value Amount,Line Tariff Duty Amount,Reconciliation Indicator,CAPE Indicator",
  ];
  for (let at = first; at < first + entries; at++) {
    const liquidated = at % 3 === 0;
    const common = `${entry(at)},12-3456789,01,10/${String((at % 28) + 1).padStart(2, "0")}/2025,Accepted,CBP,${
      liquidated ? `Liquidated,${at % 2 ? "09/15" : "07/20"}/2026` : "Unliquidated,"
    },001`;
    rows.push(`${common},1,99030125,0.00,${100 + (at % 900)}.00,N,`);
    rows.push(`${common},2,8471300100,${1000 + (at % 9000)}.00,0.00,N,`);
  }
  return Buffer.from(`${rows.join("\r\n")}\r\n`);
}

/** A workbook with one sheet of texts, as small as one can be. */
export function workbook(rows: string[][]): Buffer {
  const escape = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const text = (xml: string) => new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`);
  const cells = rows
    .map((row, at) => `<row r="${at + 1}">${row.map((cell) => `<c t="inlineStr"><is><t>${escape(cell)}</t></is></c>`).join("")}</row>`)
    .join("");
  const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const packages = "http://schemas.openxmlformats.org/package/2006";
  const types = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  return Buffer.from(
    zipSync({
      "[Content_Types].xml": text(
        `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${types}.worksheet+xml"/></Types>`,
      ),
      "_rels/.rels": text(
        `<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
      ),
      "xl/workbook.xml": text(
        `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets><sheet name="ES-003" sheetId="1" r:id="rId1"/></sheets></workbook>`,
      ),
      "xl/_rels/workbook.xml.rels": text(
        `<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
      ),
      "xl/worksheets/sheet1.xml": text(`<worksheet xmlns="${main}"><sheetData>${cells}</sheetData></worksheet>`),
    }),
  );
}

export const declaration = (entries: number, first = 1) =>
  Buffer.from(["Entry Number", ...Array.from({ length: entries }, (_, at) => entry(first + at))].join("\r\n") + "\r\n");

export { execFileSync };
