/**
 * Measures the page: node web/measure.mjs PAGE DECLARATION EXPORT. Prints seconds, the memory of the engine (which never
 * shrinks, so that its end is its peak), and the peak memory of the page's process.
 */
import { readFileSync, readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "@playwright/test";

const [page_, ...files] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
const renderers = () =>
  readdirSync("/proc").filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--type=renderer");
    } catch {
      return false;
    }
  });
const memory = (pid, key) => Number(readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`${key}:\\s+(\\d+)`))?.[1] ?? 0) / 1024;
const largest = (key) => Math.max(...renderers().map((pid) => memory(pid, key)));
try {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(page_).href);
  await page.getByText("rule pack").waitFor();
  const idle = largest("VmRSS");
  let began = performance.now();
  await page.getByTestId("drop").setInputFiles(files);
  await page.waitForFunction((count) => document.querySelectorAll('[data-testid="card"] > p').length >= count && !document.body.innerText.includes("counting"), files.length, { timeout: 600_000 });
  const counted = performance.now() - began;
  await page.getByTestId("filing-date").fill("2026-11-22");
  for (let round = 0; round < 4; round++) {
    began = performance.now();
    await page.getByTestId("run").click();
    await page.getByTestId("cancel").waitFor({ timeout: 5000 }).catch(() => undefined);
    await page.waitForFunction(() => !document.querySelector('[data-testid="run"]').disabled && !document.querySelector('[data-testid="cancel"]'), undefined, { timeout: 600_000 });
    console.log(`check and report: ${((performance.now() - began) / 1000).toFixed(2)} s`);
  }
  const engine = await Promise.all(page.workers().map((worker) => worker.evaluate(() => self.engineMemory?.buffer.byteLength ?? 0)));
  console.log(`memory of the engine: ${(Math.max(0, ...engine) / 2 ** 20).toFixed(0)} MiB`);
  console.log(`counting: ${(counted / 1000).toFixed(2)} s; memory of the page's process: ${idle.toFixed(0)} MiB empty, at most ${largest("VmHWM").toFixed(0)} MiB`);
} finally {
  await browser.close();
}
