import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const browser = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);

// A Firefox of the system, which Playwright drives by WebDriver BiDi.
const firefox = process.env["FIREFOX"];

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
    ...(firefox ? { browserName: "firefox" as const, channel: "moz-firefox" } : {}),
    launchOptions: {
      ...(firefox ? { executablePath: firefox } : browser ? { executablePath: browser } : {}),
      // The tests also run as root in a container, where Chromium's own sandbox cannot be set up.
      args: process.getuid?.() === 0 && !firefox ? ["--no-sandbox"] : [],
    },
  },
});
