/** The main job, through real inputs, against the command line. */

import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { address, bytes, check, cli, dashed, day, declaration, downloaded, entry, es003, expect, march, provide, scratch, test, tree, unzipped, workbook } from "./page";
import { mkdirSync, writeFileSync } from "node:fs";

const marchFiles = ["declaration.csv", "es003.csv", "claims.csv", "protests.csv", "psc.csv", "capelint.yaml"].map((name) =>
  join(march, name),
);

interface JsonReport {
  summary: { verdicts: Record<string, number> };
}

test("opens from disk, connects to nothing, and says so", async ({ capelint: page }) => {
  await expect(page.getByText("Your files stay on this computer")).toBeVisible();
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'none'");
  expect(policy).not.toContain("'unsafe-inline' ");
  await expect(page.getByTestId("run")).toBeDisabled();
});

test("the security policy stops a connection that is tried", async ({ page }) => {
  // A server that would respond: what is not asked was stopped, and not only lost.
  let connections = 0;
  const server = createServer(() => connections++).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const port = (server.address() as AddressInfo).port;
  await page.goto(address);
  const refused = await page.evaluate(async (port) => {
    const tries: Promise<string>[] = [
      fetch(`http://127.0.0.1:${port}/`).then(
        () => "open",
        () => "refused",
      ),
      new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve("open");
        image.onerror = () => resolve("refused");
        image.src = `http://127.0.0.1:${port}/image.png`;
      }),
      new Promise((resolve) => {
        document.addEventListener("securitypolicyviolation", () => resolve("refused"), { once: true });
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
      }),
    ];
    const answers = await Promise.all(tries);
    return { answers, ran: "ran" in window };
  }, port);
  server.close();
  expect(refused).toEqual({ answers: ["refused", "refused", "refused"], ran: false });
  expect(connections).toBe(0);
});

test("files are recognized by their headers, and can be corrected", async ({ capelint: page }) => {
  await provide(page, marchFiles);
  const cards = page.getByTestId("card");
  await expect(cards).toHaveCount(5);
  const use = (name: string) => page.getByLabel(`Use ${name} as`);
  await expect(use("declaration.csv")).toHaveValue("declaration");
  await expect(use("es003.csv")).toHaveValue("table:es003");
  await expect(use("claims.csv")).toHaveValue("table:claims");
  await expect(use("protests.csv")).toHaveValue("table:protests");
  await expect(use("psc.csv")).toHaveValue("table:psc");
  await expect(cards.filter({ hasText: "es003.csv" })).toContainText(/[\d,]+ entries, [\d,]+ rows/);
  // The configuration went into the form.
  await expect(page.getByTestId("role")).toHaveValue("importer");
  await expect(page.getByTestId("importer-numbers")).toHaveValue("12-3456789");
  await use("psc.csv").selectOption("none");
  await expect(use("psc.csv")).toHaveValue("none");
  await page.getByRole("button", { name: "Remove claims.csv" }).click();
  await expect(cards).toHaveCount(4);
});

test("a check gives what the command line gives, byte for byte", async ({ capelint: page }) => {
  await provide(page, marchFiles);
  await check(page);
  const report = JSON.parse(
    cli(march, "check", "declaration.csv", "--filing-date", day, "--format", "json").toString(),
  ) as JsonReport;
  for (const verdict of ["ready", "warned", "undecided", "stopped", "rejected"]) {
    await expect(page.getByTestId(`verdict-${verdict}`)).toHaveText(String(report.summary.verdicts[verdict] ?? 0));
  }
  await expect(page.getByTestId("entries")).toContainText("ABC-7100148-3");
  const html = cli(march, "check", "declaration.csv", "--filing-date", day, "--format", "html");
  expect((await bytes(await downloaded(page, "download-report"))).equals(html)).toBe(true);
  const csv = cli(march, "check", "declaration.csv", "--filing-date", day, "--format", "csv");
  expect((await bytes(await downloaded(page, "download-csv"))).equals(csv)).toBe(true);
});

test("fix writes the files that the command line writes", async ({ capelint: page }) => {
  await provide(page, marchFiles);
  await check(page);
  const folder = join(scratch(), "upload");
  cli(march, "fix", "declaration.csv", "--filing-date", day, "--out", folder);
  const expected = tree(folder);
  const made = await unzipped(await downloaded(page, "download-fix"));
  expect(Object.keys(made).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, content] of Object.entries(expected)) expect(made[name]?.toString(), name).toBe(content.toString());
  await expect(page.getByTestId("written")).toContainText("held.csv");
});

test("an export alone is planned as the command line plans it, with or without a declaration beside it", async ({ capelint: page }) => {
  const folder = scratch();
  writeFileSync(join(folder, "es003.csv"), es003(60));
  writeFileSync(join(folder, "march.csv"), declaration(3));
  cli(folder, "plan", "es003.csv", "--isolated", "--filing-date", day, "--out", "upload");
  const expected = tree(join(folder, "upload"));
  const same = async () => {
    const made = await unzipped(await downloaded(page, "download-plan"));
    expect(Object.keys(made).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, content] of Object.entries(expected)) expect(made[name]?.toString(), name).toBe(content.toString());
  };
  await provide(page, join(folder, "es003.csv"));
  await expect(page.getByTestId("card")).toContainText("60 entries, 120 rows");
  await check(page);
  await same();
  await provide(page, join(folder, "march.csv"));
  await check(page);
  await same();
});

test("a stop is lifted with a reason, which the configuration keeps until a day", async ({ capelint: page }) => {
  const folder = scratch();
  const export_ = es003(12).toString().replaceAll(`${entry(5)},12-3456789`, `${entry(5)},98-7654321`);
  writeFileSync(join(folder, "es003.csv"), export_);
  writeFileSync(join(folder, "march.csv"), declaration(12));
  await provide(page, ["es003.csv", "march.csv"].map((name) => join(folder, name)));
  await check(page);
  const stop = page.getByTestId("stops").locator("li").filter({ hasText: dashed(entry(5)) }).first();
  await expect(page.getByTestId("verdict-stopped")).not.toHaveText("0");
  const stopped = Number(await page.getByTestId("verdict-stopped").textContent());
  await stop.locator("summary").click();
  await stop.getByTestId("stop-accept").click();
  // Not without a reason.
  await expect(page.getByTestId("configuration")).toHaveValue("");
  await stop.getByTestId("stop-reason").fill("the importer was merged into ours on 2026-10-01");
  await stop.getByTestId("stop-accept").click();
  await expect(page.getByTestId("verdict-stopped")).toHaveText(String(stopped - 1));
  await expect(page.getByText("accepted by you", { exact: false }).first()).toBeVisible();
  const text = await page.getByTestId("configuration").inputValue();
  expect(text).toMatch(/waivers:\s+- rule: minority-importer\s+entries: \[ ?"?ABC-0000005-1"? ?\]\s+reason: .*merged into ours.*\s+until: 2026-12-22/);
  // The command line reads it as well.
  writeFileSync(join(folder, "capelint.yaml"), text);
  cli(folder, "fix", "march.csv", "--es003", "es003.csv", "--filing-date", day, "--out", "upload");
  const made = await unzipped(await downloaded(page, "download-fix"));
  const expected = tree(join(folder, "upload"));
  expect(Object.keys(made).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, content] of Object.entries(expected)) expect(made[name]?.toString(), name).toBe(content.toString());
});

test("a workbook gives what the command line gives", async ({ capelint: page }) => {
  const folder = scratch();
  const rows = es003(300)
    .toString()
    .trimEnd()
    .split("\r\n")
    .map((line) => line.split(","));
  writeFileSync(join(folder, "es003.xlsx"), workbook(rows));
  writeFileSync(join(folder, "plan.csv"), declaration(300));
  await provide(page, [join(folder, "es003.xlsx"), join(folder, "plan.csv")]);
  await expect(page.getByLabel("Use es003.xlsx as")).toHaveValue("table:es003");
  await check(page);
  const html = cli(folder, "check", "plan.csv", "--isolated", "--es003", "es003.xlsx", "--filing-date", day, "--format", "html");
  expect((await bytes(await downloaded(page, "download-report"))).equals(html)).toBe(true);
});

test("a hostile cell is shown as text", async ({ capelint: page }) => {
  const hostile = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;
  await provide(page, [
    { name: `plan<b onclick=alert(3)>.csv`, mimeType: "text/csv", buffer: Buffer.from(`Entry Number\r\n"${hostile.replaceAll('"', '""')}"\r\n${entry(3)}\r\n`) },
    { name: "es003.csv", mimeType: "text/csv", buffer: es003(5) },
  ]);
  await check(page);
  await expect(page.getByTestId("entries")).toContainText("<img src=x");
  expect(await page.locator("main img, main script, main b[onclick]").count()).toBe(0);
});

test("the account decides, and is kept in capelint.yaml", async ({ capelint: page }) => {
  await provide(page, [
    { name: "plan.csv", mimeType: "text/csv", buffer: declaration(6) },
    { name: "es003.csv", mimeType: "text/csv", buffer: es003(6) },
  ]);
  await page.getByTestId("role").selectOption("importer");
  await page.getByTestId("importer-numbers").fill("98-7654321");
  await check(page);
  await expect(page.getByTestId("verdict-rejected")).toHaveText("6");
  await page.getByTestId("importer-numbers").fill("12-3456789");
  await expect(page.getByText("Something was changed after this result")).toBeVisible();
  await check(page);
  await expect(page.getByTestId("verdict-rejected")).not.toHaveText("6");
  await page.getByText("capelint.yaml", { exact: true }).first().click();
  await expect(page.getByTestId("configuration")).toHaveValue(/importer_numbers: \[ ?"12-3456789" ?\]/);
  // The command line reads what the form wrote.
  const folder = scratch();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "capelint.yaml"), await page.getByTestId("configuration").inputValue());
  writeFileSync(join(folder, "plan.csv"), declaration(6));
  writeFileSync(join(folder, "es003.csv"), es003(6));
  const html = cli(folder, "check", "plan.csv", "--es003", "es003.csv", "--filing-date", day, "--format", "html");
  expect((await bytes(await downloaded(page, "download-report"))).equals(html)).toBe(true);
});

test("a configuration with errors says where", async ({ capelint: page }) => {
  await provide(page, [
    { name: "capelint.yaml", mimeType: "text/yaml", buffer: Buffer.from("account:\n  rol: importer\n") },
    { name: "es003.csv", mimeType: "text/csv", buffer: es003(2) },
    { name: "plan.csv", mimeType: "text/csv", buffer: declaration(2) },
  ]);
  await expect(page.getByText("capelint.yaml:2:3")).toBeVisible();
  await page.getByTestId("filing-date").fill(day);
  await page.getByTestId("run").click();
  await expect(page.getByTestId("failure")).toContainText("unknown");
  await expect(page.getByTestId("failure")).toContainText("capelint.yaml:2:3");
});

test("a file that is not what it is used as is refused with words", async ({ capelint: page }) => {
  await provide(page, { name: "letter.txt", mimeType: "text/plain", buffer: Buffer.from("Dear Sir or Madam\n\nyours\n") });
  await page.getByLabel("Use letter.txt as").selectOption("table:es003");
  await expect(page.getByTestId("card").getByRole("alert")).toBeVisible();
});

test("long work shows progress and is canceled", async ({ capelint: page }) => {
  await provide(page, [
    { name: "plan.csv", mimeType: "text/csv", buffer: declaration(9000) },
    { name: "es003.csv", mimeType: "text/csv", buffer: es003(60_000) },
  ]);
  await expect(page.getByTestId("card").filter({ hasText: "es003.csv" })).toContainText("60,000 entries");
  await page.getByTestId("filing-date").fill(day);
  await page.getByTestId("run").click();
  await expect(page.getByRole("progressbar")).toBeVisible();
  await page.getByTestId("cancel").click();
  await expect(page.getByTestId("cancel")).toBeHidden();
  await expect(page.getByRole("heading", { name: "Result" })).toBeHidden();
  // The files are still there, and the next check runs to its end.
  await check(page);
  await expect(page.getByTestId("verdict-rejected")).toHaveText(/\d/);
});

test("the reader of a printed page sees the report and no buttons", async ({ capelint: page }) => {
  await provide(page, marchFiles);
  await check(page);
  await page.emulateMedia({ media: "print" });
  await expect(page.getByTestId("run")).toBeHidden();
  await expect(page.getByTestId("download-report")).toBeHidden();
  await expect(page.getByTestId("entries")).toBeVisible();
});

