/** The main job in browsers of other makers, where they are installed: Firefox, WebKit (WebKitGTK), Safari. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { unzipSync } from "fflate";
import { type Driver, firefox, program, webDriver } from "./drivers";
import { address, cli, day, declaration, es003, march, scratch, tree, workbook } from "./page";

interface Browser {
  name: string;
  /** Why it cannot be tested here. */
  missing?: string;
  start(): Promise<Driver>;
}

const installed: Browser[] = [];

const fox = program("FIREFOX", "firefox", "firefox-esr");
installed.push({ name: "Firefox", ...(fox ? {} : { missing: "no Firefox (set FIREFOX to its path)" }), start: () => firefox(fox ?? "") });

const webKitDriver = program("WEBKIT_DRIVER", "WebKitWebDriver");
const libraries = existsSync("/usr/lib") ? readdirSync("/usr/lib").map((name) => `/usr/lib/${name}`) : [];
const miniBrowser = program("WEBKIT", ...["/usr/lib", "/usr/libexec", ...libraries].map((folder) => `${folder}/webkit2gtk-4.1/MiniBrowser`));
const screen = process.env["DISPLAY"] || program("XVFB", "Xvfb");
const webKitMissing = [
  !webKitDriver && "no WebKitWebDriver (apt-get install webkit2gtk-driver)",
  !miniBrowser && "no MiniBrowser of WebKitGTK",
  !screen && "no screen (apt-get install xvfb)",
].filter(Boolean);
let virtualScreen: ChildProcess | undefined;
installed.push({
  name: "WebKit",
  ...(webKitMissing.length > 0 ? { missing: webKitMissing.join("; ") } : {}),
  start: async () => {
    const display = process.env["DISPLAY"] || ":97";
    if (!process.env["DISPLAY"] && !virtualScreen) {
      virtualScreen = spawn(screen ?? "Xvfb", [display, "-screen", "0", "1280x900x24", "-nolisten", "tcp"], { stdio: "ignore" });
      while (!existsSync(`/tmp/.X11-unix/X${display.slice(1)}`)) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return webDriver(
      webKitDriver ?? "",
      (port) => [`--port=${port}`],
      { browserName: "MiniBrowser", "webkitgtk:browserOptions": { binary: miniBrowser, args: ["--automation"] } },
      { DISPLAY: display },
    );
  },
});

const safariDriver = process.platform === "darwin" ? program("SAFARI_DRIVER", "safaridriver") : undefined;
installed.push({
  name: "Safari",
  ...(safariDriver ? {} : { missing: "no Safari (on macOS: safaridriver --enable)" }),
  start: () => webDriver(safariDriver ?? "", (port) => ["-p", String(port)], { browserName: "safari" }),
});

test.afterAll(() => {
  virtualScreen?.kill();
});

/** Waits in the page until an expression is true. */
const until = (driver: Driver, condition: string) =>
  driver.run<null>(
    `const end = Date.now() + 90_000;
     while (!(${condition})) {
       if (Date.now() > end) throw new Error("not within 90 s: " + ${JSON.stringify(condition)} + ": " + document.body.innerText.slice(0, 2000));
       await new Promise((resolve) => setTimeout(resolve, 50));
     }`,
  );
const hook = (name: string) => `[data-testid="${name}"]`;
const text = (driver: Driver, name: string) => driver.run<string>(`return document.querySelector(given[0])?.textContent ?? "";`, hook(name));

/** Clicks an element once it stands still: a page that scrolls smoothly would take the click elsewhere. */
async function press(driver: Driver, selector: string) {
  await driver.run(
    `const place = () => { const { x, y } = document.querySelector(given[0]).getBoundingClientRect(); return x + " " + y; };
     document.querySelector(given[0]).scrollIntoView({ block: "center", behavior: "instant" });
     for (let seen = "", still = 0; still < 5; await new Promise((resolve) => setTimeout(resolve, 40))) {
       const now = place();
       still = now === seen ? still + 1 : 0;
       seen = now;
     }`,
    selector,
  );
  await driver.click(selector);
}

async function provide(driver: Driver, paths: string[], cards: number) {
  await driver.provide(hook("drop"), paths);
  await until(driver, `(() => { const cards = [...document.querySelectorAll('${hook("card")}')]; return cards.length === ${cards} && cards.every((card) => /\\d rows?/.test(card.textContent)); })()`);
}

async function check(driver: Driver) {
  await driver.run(
    `const field = document.querySelector('${hook("filing-date")}');
     field.value = given[0];
     field.dispatchEvent(new Event("input", { bubbles: true }));`,
    day,
  );
  await press(driver, hook("run"));
  await until(driver, `document.querySelector('${hook("verdict-ready")}') && !document.querySelector('${hook("cancel")}')`);
}

/** What the page hands to the browser's downloads when a button is pressed. */
async function handed(driver: Driver, button: string): Promise<Buffer> {
  const before = await driver.run<number>(
    `if (!window.handed) {
       // The page's next worker is made from a blob too: what is handed over is what a download link names.
       const blobs = new Map();
       const make = URL.createObjectURL;
       URL.createObjectURL = (blob) => { const address = make.call(URL, blob); blobs.set(address, blob); return address; };
       const click = HTMLAnchorElement.prototype.click;
       window.handed = [];
       HTMLAnchorElement.prototype.click = function () { if (this.download) window.handed.push(blobs.get(this.href)); click.call(this); };
     }
     return window.handed.length;`,
  );
  await press(driver, hook(button));
  await until(driver, `window.handed.length > ${before}`);
  const base64 = await driver.run<string>(
    `const bytes = new Uint8Array(await window.handed.at(-1).arrayBuffer());
     let binary = "";
     for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
     return btoa(binary);`,
  );
  return Buffer.from(base64, "base64");
}

for (const { name, missing, start } of installed) {
  test.describe(name, () => {
    test.skip(missing !== undefined, missing);
    let driver: Driver;
    test.beforeEach(async () => {
      driver = await start();
      await driver.open(address);
      await until(driver, `document.body.innerText.includes("rule pack")`);
    });
    test.afterEach(() => driver?.close());

    test("gives what the command line gives, byte for byte", async () => {
      await provide(driver, ["declaration.csv", "es003.csv", "claims.csv", "protests.csv", "psc.csv", "capelint.yaml"].map((file) => join(march, file)), 5);
      await until(driver, `document.querySelector('${hook("role")}').value === "importer"`);
      await check(driver);
      const given = ["declaration.csv", "--filing-date", day];
      const { verdicts } = (JSON.parse(cli(march, "check", ...given, "--format", "json").toString()) as { summary: { verdicts: Record<string, number> } }).summary;
      for (const verdict of ["ready", "warned", "undecided", "stopped", "rejected"]) {
        expect(await text(driver, `verdict-${verdict}`), verdict).toBe(String(verdicts[verdict] ?? 0));
      }
      expect(await text(driver, "entries")).toContain("ABC-7100148-3");
      expect((await handed(driver, "download-report")).equals(cli(march, "check", ...given, "--format", "html"))).toBe(true);
      const folder = join(scratch(), "upload");
      cli(march, "fix", ...given, "--out", folder);
      const expected = tree(folder);
      const made = unzipSync(await handed(driver, "download-fix"));
      expect(Object.keys(made).sort()).toEqual(Object.keys(expected).sort());
      for (const [file, content] of Object.entries(expected)) expect(Buffer.from(made[file] ?? []).toString(), file).toBe(content.toString());
      // The worker has ended with the check; another is there for the next one.
      await check(driver);
    });

    test("reads a workbook, cancels, and plans an export", async () => {
      const folder = scratch();
      const rows = es003(9000).toString().trimEnd().split("\r\n").map((line) => line.split(","));
      writeFileSync(join(folder, "es003.xlsx"), workbook(rows));
      await provide(driver, [join(folder, "es003.xlsx")], 1);
      expect(await text(driver, "card")).toContain("9,000 entries, 18,000 rows");
      await press(driver, hook("run"));
      // Where the check is quicker than the driver, there is nothing to cancel.
      await driver.run(`document.querySelector('${hook("cancel")}')?.click();`);
      await until(driver, `!document.querySelector('${hook("cancel")}') && !document.querySelector('${hook("run")}').disabled`);
      await check(driver);
      cli(folder, "plan", "es003.xlsx", "--isolated", "--filing-date", day, "--out", "upload");
      const expected = tree(join(folder, "upload"));
      const made = unzipSync(await handed(driver, "download-plan"));
      expect(Object.keys(made).sort()).toEqual(Object.keys(expected).sort());
      for (const [file, content] of Object.entries(expected)) expect(Buffer.from(made[file] ?? []).equals(content), file).toBe(true);
    });

    test("house rules show their errors, and a message is explained", async () => {
      const folder = scratch();
      writeFileSync(join(folder, "plan.csv"), declaration(2));
      writeFileSync(join(folder, "house-rules.yaml"), "rules:\n  - id: mine\n    severty: note\n");
      await driver.provide(hook("drop"), [join(folder, "house-rules.yaml")]);
      await driver.run(`document.querySelector('${hook("rules-editor")}').scrollIntoView();`);
      await until(driver, `document.querySelector(".cm-editor") && document.querySelector('${hook("rules-errors")}').textContent.includes("house-rules.yaml:3:5")`);
      await driver.run(
        `const field = document.querySelector('${hook("explain-input")}');
         field.value = "ENTRY SUMMARY IS IN FINAL LIQUIDATION STATUS";
         field.dispatchEvent(new Event("input", { bubbles: true }));`,
      );
      await until(driver, `document.querySelector('${hook("explain-output")}').textContent.includes("liquidated")`);
    });

    test("connects to nothing", async () => {
      let connections = 0;
      const server = createServer(() => connections++).listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const { port } = server.address() as AddressInfo;
      // From a script element of the page, since the driver's own scripts may be allowed more.
      const answer = await driver.run<string>(
        `const image = new Promise((resolve) => {
           const image = document.createElement("img");
           image.onload = () => resolve("open");
           image.onerror = () => resolve("refused");
           image.src = "http://127.0.0.1:" + given[0] + "/image.png";
           document.body.append(image);
         });
         const violated = new Promise((resolve) => document.addEventListener("securitypolicyviolation", () => resolve("refused"), { once: true }));
         return Promise.race([image, violated]);`,
        port,
      );
      server.close();
      expect(answer).toBe("refused");
      expect(connections).toBe(0);
    });
  });
}
