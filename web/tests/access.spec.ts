/** Who reads with a screen reader, on a phone, in the dark; and how the page looks with much to show. */
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { check, declaration, es003, expect, march, provide, test } from "./page";

const shots = join(import.meta.dirname, "../test-results/shots");

async function noSeriousFinding(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(serious.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map((node) => node.html) }))).toEqual([]);
}

async function fits(page: Page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(content).toBeLessThanOrEqual(window ?? 0);
}

for (const [name, width] of [
  ["phone", 390],
  ["desktop", 1280],
  ["wide", 1920],
] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`nothing serious for axe, nothing cut off: ${name}, ${colorScheme}`, async ({ capelint: page }) => {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await noSeriousFinding(page);
      await fits(page);
      await page.screenshot({ path: join(shots, `empty-${name}-${colorScheme}.png`), fullPage: true });
      await provide(page, ["declaration.csv", "es003.csv", "claims.csv", "capelint.yaml"].map((file) => join(march, file)));
      await check(page);
      await page.getByTestId("rules-editor").scrollIntoViewIfNeeded();
      await expect(page.locator(".cm-editor")).toBeVisible();
      await noSeriousFinding(page);
      await fits(page);
      await page.screenshot({ path: join(shots, `march-${name}-${colorScheme}.png`), fullPage: true });
    });
  }
}

test("everything is reached and done with the keyboard", async ({ capelint: page }) => {
  await provide(page, ["declaration.csv", "es003.csv", "capelint.yaml"].map((file) => join(march, file)));
  await page.getByTestId("filing-date").fill("2026-11-22");
  await expect(page.getByTestId("run")).toBeEnabled();
  await page.locator("body").focus();
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press("Tab");
    if (await page.getByTestId("run").evaluate((run) => run === document.activeElement)) break;
  }
  await expect(page.getByTestId("run")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Result" })).toBeFocused();
});

test("12,000 entries are shown, searched and cut off nowhere", async ({ capelint: page }) => {
  test.slow();
  await provide(page, [
    { name: "first.csv", mimeType: "text/csv", buffer: declaration(6000) },
    { name: "second.csv", mimeType: "text/csv", buffer: declaration(6000, 6001) },
    { name: "es003.csv", mimeType: "text/csv", buffer: es003(12_000) },
  ]);
  await page.getByTestId("filing-date").fill("2026-11-22");
  await page.getByTestId("run").click();
  await expect(page.getByRole("progressbar")).toBeVisible();
  await page.screenshot({ path: join(shots, "loading-desktop.png") });
  await expect(page.getByRole("heading", { name: "Result" })).toBeVisible();
  await fits(page);
  await page.screenshot({ path: join(shots, "large-desktop.png") });
  await page.setViewportSize({ width: 390, height: 844 });
  await fits(page);
  await page.screenshot({ path: join(shots, "large-phone.png") });
});

test("an error looks like one", async ({ capelint: page }) => {
  await provide(page, [
    { name: "capelint.yaml", mimeType: "text/yaml", buffer: Buffer.from("account:\n  rol: importer\n") },
    { name: "es003.csv", mimeType: "text/csv", buffer: es003(2) },
    { name: "plan.csv", mimeType: "text/csv", buffer: declaration(2) },
  ]);
  await page.getByTestId("run").click();
  await expect(page.getByTestId("failure")).toBeVisible();
  await noSeriousFinding(page);
  await page.screenshot({ path: join(shots, "error-desktop.png"), fullPage: true });
});
