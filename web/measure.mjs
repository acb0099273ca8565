/**
 * Measures the page: node web/measure.mjs [--repeat N] PAGE FILE... (a declaration, an export).
 *
 * Prints, step by step, seconds and memory. Memory is the share (PSS) of all processes of the browser together, sampled
 * while the step runs, less what they have with an empty tab: so it counts what the page makes the browser keep for it
 * outside of the page's own process too, and leaves out the browser. The memory of the engine is its WebAssembly's, which
 * never shrinks.
 */
import { readFileSync, readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "@playwright/test";

const given = process.argv.slice(2);
const rounds = given[0] === "--repeat" ? Number(given.splice(0, 2)[1]) : 3;
const [address, ...files] = given;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});

const read = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process has ended.
    return "";
  }
};

/** The processes of the browser, and whether each is one of pages. */
function processes() {
  const parents = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    // `pid (name) state parent`; the name may have spaces.
    const stat = read(`/proc/${pid}/stat`);
    parents.set(pid, stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  }
  // Whatever this program started: the browser, and what the browser started.
  const isOurs = (pid) => parents.has(pid) && (parents.get(pid) === String(process.pid) || isOurs(parents.get(pid)));
  return [...parents.keys()].filter(isOurs);
}

const kilobytes = (pid, key) => Number(read(`/proc/${pid}/smaps_rollup`).match(new RegExp(`^${key}:\\s+(\\d+)`, "m"))?.[1] ?? 0);
const memory = () => {
  const found = { all: 0, page: 0 };
  for (const pid of processes()) {
    const pss = kilobytes(pid, "Pss") / 1024;
    found.all += pss;
    if (read(`/proc/${pid}/cmdline`).includes("--type=renderer")) found.page = Math.max(found.page, pss);
  }
  return found;
};
const quiet = (page) => page.waitForTimeout(1500);

let empty = { all: 0, page: 0 };
const line = (name, seconds, peak, after) =>
  console.log(
    `| ${name} | ${seconds.toFixed(2)} | ${[peak, after].map((at) => Math.round(at.all - empty.all)).join(" | ")} | ${Math.round(peak.page - empty.page)} |`,
  );

/** Does a step, and says what it took. */
async function step(page, name, work) {
  const peak = { all: 0, page: 0 };
  const sample = () => {
    const now = memory();
    if (now.all > peak.all) Object.assign(peak, now);
  };
  const timer = setInterval(sample, 40);
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  await page.waitForTimeout(400);
  sample();
  clearInterval(timer);
  await quiet(page);
  line(name, seconds, peak, memory());
  return peak.all - empty.all;
}

try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto("about:blank");
  await quiet(page);
  empty = memory();
  console.log(`an empty tab: ${Math.round(empty.all)} MiB in all, ${Math.round(empty.page)} MiB of them its own process`);
  console.log("| step | seconds | MiB over an empty tab, peak | MiB after | peak, page's process alone |\n|---|---|---|---|---|");
  const peaks = [];
  peaks.push(
    await step(page, "open", async () => {
      await page.goto(pathToFileURL(address).href);
      await page.getByText("rule pack").waitFor();
    }),
  );
  for (const [at, file] of files.entries()) {
    peaks.push(
      await step(page, `drop ${file.split("/").pop()}`, async () => {
        await page.getByTestId("drop").setInputFiles(file);
        await page.waitForFunction((count) => {
          const cards = [...document.querySelectorAll('[data-testid="card"]')];
          return cards.length === count && cards.every((card) => /\d rows?/.test(card.innerText));
        }, at + 1, { timeout: 600_000 });
      }),
    );
  }
  await page.getByTestId("filing-date").fill("2026-11-22");
  for (let round = 1; round <= rounds; round++) {
    peaks.push(
      await step(page, `check and report, ${round}`, async () => {
        await page.getByTestId("run").click();
        await page.getByTestId("cancel").waitFor({ timeout: 5000 }).catch(() => undefined);
        await page.waitForFunction(() => !document.querySelector('[data-testid="run"]').disabled && !document.querySelector('[data-testid="cancel"]'), undefined, { timeout: 600_000 });
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      }),
    );
  }
  for (const hook of ["download-fix", "download-plan"]) {
    if (!(await page.getByTestId(hook).isVisible())) continue;
    peaks.push(
      await step(page, hook, async () => {
        const [download] = await Promise.all([page.waitForEvent("download", { timeout: 600_000 }), page.getByTestId(hook).click()]);
        await download.path();
      }),
    );
  }
  peaks.push(
    await step(page, "scroll to the end", () =>
      page.evaluate(async () => {
        for (let at = 0; at < document.documentElement.scrollHeight; at += Math.max(800, document.documentElement.scrollHeight / 100)) {
          scrollTo({ top: at, behavior: "instant" });
          await new Promise((done) => requestAnimationFrame(done));
        }
      }),
    ),
  );
  const engine = await Promise.all(page.workers().map((worker) => worker.evaluate(() => self.engineMemory?.buffer.byteLength ?? 0)));
  console.log(`the page adds at most ${Math.round(Math.max(...peaks))} MiB to an empty tab; memory of the engine: ${Math.round(Math.max(0, ...engine) / 2 ** 20)} MiB`);
} finally {
  await browser.close();
}
