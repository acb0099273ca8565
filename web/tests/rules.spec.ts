/** CBP's messages, the rules, and house rules. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { verdictNames } from "../app/views/words";
import { bytes, check, cli, declaration, es003, expect, march, provide, scratch, test } from "./page";

test("a pasted message is explained as the command line explains it", async ({ capelint: page }) => {
  const message = "ENTRY SUMMARY IS IN FINAL LIQUIDATION STATUS";
  await page.getByTestId("explain-input").fill(message);
  await expect(page.getByTestId("explain-output")).toContainText("liquidated");
  const said = cli(march, "explain", "--isolated", message).toString();
  expect((await page.getByTestId("explain-output").textContent())?.trim()).toBe(said.trim());
});

test("what nobody knows is said to be unknown", async ({ capelint: page }) => {
  await page.getByTestId("explain-input").fill("qwertzuiop");
  await expect(page.getByTestId("explain-output")).toContainText("nothing is known");
});

test("every rule can be read with its sources", async ({ capelint: page }) => {
  await page.getByText("Read the rules and their sources").click();
  await page.getByLabel("Search the rules").fill("liquidated-over-80-days");
  const rule = page.locator(".rules > li").first();
  await rule.locator("summary").click();
  await expect(rule).toContainText("CSMS 68315804");
});

const house = `rules:
  - id: every-entry
    title: Every entry
    severity: warning
    each: entry
    require: { es003.importer_number: "99-9999999" }
    message: entry {entry} is looked at
    tests:
      - name: another importer
        es003: [{ importer_number: 12-3456789 }]
        expect: violated
      - name: this importer
        es003: [{ importer_number: 99-9999999 }]
        expect: satisfied
`;

test("house rules show their errors at their place, run their tests, and are tried on the data", async ({ capelint: page }) => {
  await provide(page, [
    { name: "plan.csv", mimeType: "text/csv", buffer: declaration(6) },
    { name: "es003.csv", mimeType: "text/csv", buffer: es003(6) },
  ]);
  const editor = page.getByTestId("rules-editor");
  const errors = page.getByTestId("rules-errors");
  await editor.scrollIntoViewIfNeeded();
  await expect(page.locator(".cm-editor")).toBeVisible();
  await editor.fill(house.replace("severity:", "severty:"));
  await expect(errors).toContainText("severty");
  await expect(errors).toContainText("house-rules.yaml:4:5");
  await expect(page.locator(".cm-lintRange-error").first()).toBeVisible();
  await editor.fill(house);
  await expect(errors).toContainText("No errors");
  await page.getByTestId("rules-test").click();
  await expect(page.getByTestId("rules-tests")).toContainText("2");
  await page.getByTestId("filing-date").fill("2026-11-22");
  await page.getByTestId("rules-compare").click();
  await expect(page.getByTestId("rules-change")).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download house-rules.yaml" }).click(),
  ]);
  expect((await bytes(download)).toString()).toBe(house);
  await check(page);
  await expect(page.getByTestId("entries")).toContainText("every-entry");
});

test("the entries whose verdict changes by house rules are those of the command line", async ({ capelint: page }) => {
  const folder = scratch();
  const export_ = es003(6).toString().replaceAll(/^(.*0000002.*?),12-3456789/gm, "$1,99-9999999");
  const files = { "plan.csv": declaration(6), "es003.csv": Buffer.from(export_), "house.yaml": house.replace("severity: warning", "severity: error") };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  type Checked = { entries: { entry: string; verdict: keyof typeof verdictNames }[] };
  const verdicts = (...more: string[]) =>
    (JSON.parse(cli(folder, "check", "plan.csv", "--es003", "es003.csv", "--isolated", "--filing-date", "2026-11-22", "--format", "json", ...more).toString()) as Checked).entries;
  const after = verdicts("--rules", "house.yaml");
  const changed = verdicts().flatMap(({ entry, verdict }, at) => {
    const now = after[at]?.verdict ?? verdict;
    return now === verdict ? [] : [[entry, verdictNames[verdict], verdictNames[now]]];
  });
  expect(changed.length, "some change, some do not").toBeGreaterThan(0);
  expect(changed.length).toBeLessThan(6);

  await provide(page, ["plan.csv", "es003.csv"].map((name) => join(folder, name)));
  await page.getByTestId("filing-date").fill("2026-11-22");
  const editor = page.getByTestId("rules-editor");
  await editor.scrollIntoViewIfNeeded();
  await expect(page.locator(".cm-editor")).toBeVisible();
  await editor.fill(files["house.yaml"]);
  await expect(page.getByTestId("rules-errors")).toContainText("No errors");
  await page.getByTestId("rules-compare").click();
  const rows = page.getByTestId("rules-change").getByRole("table", { name: "Entries whose verdict changes" }).locator("tbody tr");
  await expect(rows).toHaveCount(changed.length);
  const shown = await rows.evaluateAll((found) => found.map((row) => [...row.children].map((cell) => cell.textContent?.trim().replaceAll("-", ""))));
  expect(shown).toEqual(changed);
});

test("a rule file that is dropped is opened in the editor", async ({ capelint: page }) => {
  await provide(page, { name: "house-rules.yaml", mimeType: "text/yaml", buffer: Buffer.from(house) });
  await page.getByTestId("rules-editor").scrollIntoViewIfNeeded();
  await expect(page.getByTestId("rules-editor")).toContainText("every-entry");
  await expect(page.getByTestId("rules-errors")).toContainText("No errors");
});

