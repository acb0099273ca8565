/**
 * Somebody who has an ES-003, has never seen the page, and reads no instructions but those on the screen.
 *
 * Each step may use only what is in the window at that moment, or what a link in the window leads to.
 */
import { join } from "node:path";
import { expect, type Locator, type Page } from "@playwright/test";
import { day, downloaded, portfolio, provide, test, unzipped } from "./page";

/** In the window as it is, without scrolling, and nothing in front of it. */
async function inSight(locator: Locator) {
  await expect(locator).toBeInViewport({ ratio: 0.9 });
  const isInFront = await locator.evaluate((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const front = document.elementFromPoint(left + width / 2, top + height / 2);
    return front !== null && (element.contains(front) || front.contains(element) || front.closest("label")?.contains(element) === true);
  });
  expect(isInFront, "something is in front of it").toBe(true);
}

/** The page scrolls smoothly: waits until it stands still. */
async function still(page: Page) {
  let before = Number.NaN;
  await expect
    .poll(async () => {
      const now = await page.evaluate(() => scrollY);
      const stands = now === before;
      before = now;
      return stands;
    }, { intervals: [150] })
    .toBe(true);
}

for (const [name, width, height] of [
  ["desktop", 1280, 800],
  ["phone", 390, 844],
] as const) {
  test(`from an ES-003 to the upload files in three actions: ${name}`, async ({ capelint: page }) => {
    await page.setViewportSize({ width, height });
    const began = Date.now();
    let actions = 0;

    // Empty: what to do, with what, and that nothing is uploaded.
    await inSight(page.getByText("Drop files here, or choose them"));
    await inSight(page.getByText("Start with the ES-003"));
    await inSight(page.getByText("Your files stay on this computer"));
    await expect(page.getByTestId("run")).toBeDisabled();
    await inSight(page.getByText("Provide an ES-003 or a declaration first"));
    await provide(page, join(portfolio, "es003.csv"));
    actions++;

    // One file: what it was taken for, and what happens next.
    const card = page.getByTestId("card");
    await expect(card).toContainText(/[\d,]+ entries, [\d,]+ rows/);
    await expect(card.getByRole("combobox")).toHaveValue("table:es003");
    await expect(page.getByTestId("run")).toBeEnabled();
    await inSight(page.getByTestId("run"));
    await expect(page.getByTestId("run")).toHaveText("Check every entry of the export");
    await page.getByTestId("run").click();
    actions++;

    // The result: the figures, and the upload files below them.
    await expect(page.getByRole("heading", { name: "Result" })).toBeVisible();
    await still(page);
    await inSight(page.getByText(/entries may be uploaded/).first());
    const upload = page.getByTestId("download-plan");
    await inSight(upload);
    await expect(upload).toContainText("Upload files");
    const files = await unzipped(await downloaded(page, "download-plan"));
    actions++;
    expect(Object.keys(files).filter((file) => file.startsWith("declarations/")).length).toBeGreaterThan(0);
    // Which of the files are for CBP, and what the others are.
    await expect(page.getByTestId("written")).toContainText(/Upload these in the ACE Portal.*declarations\/.*For you.*worklist\.csv.*next step/s);
    expect(actions).toBe(3);
    // A person reads and looks as well; the page takes no more than this of two minutes.
    expect(Date.now() - began).toBeLessThan(30_000);
  });

  test(`with an ES-003 alone it is plain what is missing, and how to say that there is nothing: ${name}`, async ({ capelint: page }) => {
    await page.setViewportSize({ width, height });
    await provide(page, join(portfolio, "es003.csv"));
    await page.getByTestId("filing-date").fill(day);
    await page.getByTestId("run").click();
    await expect(page.getByRole("heading", { name: "Result" })).toBeVisible();
    await still(page);

    // The result names the lists that would decide entries, and leads to them.
    const open = page.getByTestId("open");
    await open.scrollIntoViewIfNeeded();
    await inSight(open);
    await expect(open).toContainText(/Antidumping and countervailing duty entries \(\d+ entries\)/);
    const undecided = Number(await page.getByTestId("verdict-undecided").textContent());
    await open.getByRole("link").click();
    await still(page);
    const missing = page.getByTestId("missing");
    const adcvd = missing.getByRole("listitem").filter({ hasText: "Antidumping and countervailing duty entries" }).first();
    await expect(missing.getByRole("heading", { name: "Not provided" })).toBeInViewport();
    await expect(adcvd).toContainText(/entries are undecided and held back without it/);
    // Each list says what it switches off: before the check by its rules, after it by what they left open.
    await expect(missing.getByRole("listitem").filter({ hasText: "Entries whose IEEPA duties the surety paid" }).first()).toContainText(/1 rule is not checked without it/);
    await expect(missing).toContainText("Account that files");
    await adcvd.getByText("Its rules").click();
    await expect(adcvd).toContainText("adcvd-pending");

    // Nothing to list: said by a tick, which the page asks to check again for.
    await adcvd.getByLabel(/Nothing to list/).check();
    await inSight(page.getByText("Something was changed after this result. Check again."));
    await inSight(page.getByTestId("run"));
    await page.getByTestId("run").click();
    await expect(page.getByText("Something was changed after this result")).toBeHidden();
    await expect(open).not.toContainText("Antidumping");
    expect(Number(await page.getByTestId("verdict-undecided").textContent())).toBeLessThan(undecided);
    await expect(page.getByTestId("configuration")).toHaveValue(/adcvd: none/);
  });
}
