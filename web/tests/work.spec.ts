/** What the main job needs around it: files that are dropped, clients, dates of exports, folders, the checklist, hooks. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, cli, day, declaration, downloaded, es003, expect, march, provide, scratch, test, tree, unzipped } from "./page";

test("files are dropped, several at once", async ({ capelint: page }) => {
  const dropped = await page.evaluateHandle(
    ([plan, rows]) => {
      const data = new DataTransfer();
      data.items.add(new File([plan ?? ""], "plan.csv"));
      data.items.add(new File([rows ?? ""], "es003.csv"));
      return data;
    },
    [declaration(3).toString(), es003(3).toString()],
  );
  const place = page.locator(".drop");
  await place.dispatchEvent("dragover", { dataTransfer: dropped });
  await expect(place).toHaveClass(/over/);
  await place.dispatchEvent("drop", { dataTransfer: dropped });
  await expect(page.getByTestId("card")).toHaveCount(2);
  await expect(page.getByTestId("card").filter({ hasText: "es003.csv" })).toContainText("3 entries, 6 rows");
  await check(page);
});

test("every hook is there, and numbers are texts", async ({ capelint: page }) => {
  for (const hook of ["drop", "filing-date", "role", "importer-numbers", "run", "explain-input", "explain-output", "rules-editor", "rules-errors"]) {
    await expect(page.getByTestId(hook), hook).toHaveCount(1);
  }
  await provide(page, ["declaration.csv", "es003.csv"].map((name) => join(march, name)));
  await check(page);
  for (const hook of ["entries", "download-plan", "download-fix", "download-report"]) await expect(page.getByTestId(hook), hook).toHaveCount(1);
  let sum = 0;
  for (const verdict of ["ready", "warned", "undecided", "stopped", "rejected"]) {
    const text = (await page.getByTestId(`verdict-${verdict}`).textContent()) ?? "";
    expect(text).toMatch(/^\d{1,3}(,\d{3})*$/);
    sum += Number(text.replaceAll(",", ""));
  }
  expect(sum).toBe(48);
  // One element for a name: labels and links lead where they say.
  const twice = await page.evaluate(() => {
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    return ids.filter((id, at) => ids.indexOf(id) !== at);
  });
  expect(twice).toEqual([]);
});

test("the report has the figures, what is left to do, the deadlines and the entries with their evidence", async ({ capelint: page }) => {
  await provide(page, ["declaration.csv", "es003.csv", "claims.csv", "capelint.yaml"].map((name) => join(march, name)));
  await check(page);
  const report = page.getByTestId("entries");
  for (const heading of ["Verdict", "Findings by rule", "Filing deadlines", "Entries"]) {
    await expect(report.getByRole("heading", { name: heading, exact: true })).toBeVisible();
  }
  await expect(report).toContainText("What is left to do");
  await expect(report).toContainText("Earliest filing deadline");
  const entry = report.locator(".entries > li").filter({ hasText: "ABC-7100148-3" });
  await entry.locator("summary").click();
  await expect(entry).toContainText("es003.csv:");
  await expect(entry).toContainText("08/21/2026");
  // Its script works here as it does in the file.
  await report.getByLabel("Search the entries").fill("ABC-7100148-3");
  await expect(report.locator("#found")).toContainText("1 of 48 entries");
  await expect(page.getByRole("heading", { name: "Before the first upload" })).toBeVisible();
  const told = cli(march, "explain", "--isolated", "checklist").toString().replace(/\s+/g, " ");
  const questions = await page.locator(".checklist > li").allTextContents();
  expect(questions.length).toBeGreaterThan(3);
  for (const question of questions) expect(told).toContain(question.trim());
});

test("clients are written into the configuration, and the command line reads it", async ({ capelint: page }) => {
  await page.getByText("Clients", { exact: true }).click();
  await page.getByRole("button", { name: "Add a client" }).click();
  const client = page.getByRole("group", { name: "Client 1" });
  await client.getByLabel("Name").fill("Muster Imports");
  await client.getByLabel("Importer numbers").fill("12-3456789, 55-1234567");
  await page.getByTestId("role").selectOption("broker");
  await page.getByTestId("filer-codes").fill("ABC");
  await page.getByText("capelint.yaml", { exact: true }).first().click();
  const text = await page.getByTestId("configuration").inputValue();
  expect(text).toContain("role: broker");
  expect(text).toMatch(/clients:\s+- name: Muster Imports\s+importer_numbers:/);
  const folder = scratch();
  writeFileSync(join(folder, "capelint.yaml"), text);
  writeFileSync(join(folder, "es003.csv"), es003(6));
  expect(cli(folder, "plan", "es003.csv", "--by-client", "--filing-date", day, "--out", "upload").toString()).toContain("Muster Imports");
  // What is dropped comes back into the form.
  await page.reload();
  await provide(page, join(folder, "capelint.yaml"));
  await expect(page.getByRole("group", { name: "Client 1" }).getByLabel("Name")).toHaveValue("Muster Imports");
});

test("the day of an export is shown, and can be corrected", async ({ capelint: page }) => {
  await provide(page, join(march, "es003.csv"));
  const exported = page.getByLabel("Exported on");
  await expect(page.getByTestId("card")).toContainText(/[\d,]+ entries/);
  await exported.fill("2026-11-19");
  await expect(page.getByTestId("card")).toContainText("exported 2026-11-19");
  await expect(page.getByTestId("configuration")).toHaveValue(/exported:\s+es003: "?2026-11-19"?/);
});

test("upload files are written into a folder, over none that is there", async ({ capelint: page }) => {
  await page.evaluate(() => {
    const folder = (files: Map<string, Blob | Map<string, Blob>>): object => ({
      name: "uploads",
      getDirectoryHandle: async (name: string) => {
        if (!files.has(name)) files.set(name, new Map());
        return folder(files.get(name) as Map<string, Blob>);
      },
      getFileHandle: async (name: string, { create } = { create: false }) => {
        if (!create && !files.has(name)) throw new DOMException("no such file", "NotFoundError");
        return { createWritable: async () => ({ write: async (blob: Blob) => files.set(name, blob), close: async () => undefined }) };
      },
    });
    const files = new Map();
    Object.assign(window, { files, showDirectoryPicker: async () => folder(files) });
  });
  await provide(page, ["declaration.csv", "es003.csv", "capelint.yaml"].map((name) => join(march, name)));
  await check(page);
  const made = await unzipped(await downloaded(page, "download-fix"));
  await page.getByRole("button", { name: "Save to a folder" }).click();
  const written = () =>
    page.evaluate(async () => {
      const { files } = window as unknown as { files: Map<string, Blob> };
      return Object.fromEntries(await Promise.all([...files].map(async ([name, blob]) => [name, await blob.text()] as const)));
    });
  await expect.poll(async () => Object.keys(await written()).sort()).toEqual(Object.keys(made).sort());
  // `text()` drops the byte order mark.
  for (const [name, text] of Object.entries(await written())) expect(text, name).toBe(made[name]?.toString().replace("\uFEFF", ""));
  await page.getByRole("button", { name: "Save to a folder" }).click();
  await expect(page.getByTestId("failure")).toContainText("choose an empty folder");
});

test("an export with more entries than one report names is planned in batches, as the command line plans it", async ({ capelint: page }) => {
  test.slow();
  const folder = scratch();
  writeFileSync(join(folder, "es003.csv"), es003(26_000));
  cli(folder, "plan", "es003.csv", "--isolated", "--filing-date", day, "--out", "upload");
  const expected = tree(join(folder, "upload"));
  await provide(page, join(folder, "es003.csv"));
  await expect(page.getByTestId("card")).toContainText("26,000 entries");
  await check(page);
  let sum = 0;
  for (const verdict of ["ready", "warned", "undecided", "stopped", "rejected"]) {
    sum += Number((await page.getByTestId(`verdict-${verdict}`).textContent())?.replaceAll(",", ""));
  }
  expect(sum).toBe(26_000);
  await expect(page.getByTestId("entries")).toContainText("Work list");
  const made = await unzipped(await downloaded(page, "download-plan"));
  expect(Object.keys(made).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, content] of Object.entries(expected)) expect(made[name]?.equals(content), name).toBe(true);
});
