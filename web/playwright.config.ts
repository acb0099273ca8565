import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const browser = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path && existsSync(path));

const others = "other-browsers.spec.ts";

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  timeout: 120_000,
  expect: { timeout: 60_000 },
  workers: 1,
  reporter: "list",
  use: {
    viewport: { width: 1280, height: 900 },
    timezoneId: "America/New_York",
    locale: "en-US",
    launchOptions: {
      ...(browser ? { executablePath: browser } : {}),
      // The tests also run as root in a container, where Chromium's own sandbox cannot be set up.
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
  },
  projects: [
    { name: "chromium", testIgnore: others },
    // Each skips what is not installed, and says so.
    { name: "other browsers", testMatch: others },
  ],
});
