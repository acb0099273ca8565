/**
 * Browsers that Playwright does not bring: the installed Firefox, WebKit and Safari, each by its own maker's protocol.
 *
 * WebKit and Safari speak the W3C's WebDriver through a program of theirs. Firefox speaks Marionette, which has the
 * same commands under other names and needs no program between.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** What the tests ask of a browser. Selectors are CSS. */
export interface Driver {
  open(address: string): Promise<void>;
  /** Runs the body of an async function in the page. */
  run<T>(body: string, ...given: unknown[]): Promise<T>;
  click(selector: string): Promise<void>;
  /** Chooses files in a file input. */
  provide(selector: string, paths: string[]): Promise<void>;
  close(): Promise<void>;
}

const elementKey = "element-6066-11e4-a52e-4f735466cecf";
/** How long a script may run, in milliseconds: a whole check of a test's files. */
const patience = 100_000;

const asynchronous = (body: string) =>
  `const done = arguments[arguments.length - 1];
   (async (...given) => { ${body} })(...[...arguments].slice(0, -1)).then(
     (value) => done({ value: value ?? null }), (error) => done({ error: String(error) }));`;

function answered<T>({ value, error }: { value: T; error?: string }): T {
  if (error) throw new Error(error);
  return value;
}

/** The path of a program, from an environment variable or where programs are. */
export function program(variable: string, ...names: string[]): string | undefined {
  const chosen = process.env[variable];
  if (chosen) return chosen;
  const folders = [...(process.env["PATH"] ?? "").split(delimiter)];
  return names.flatMap((name) => (name.startsWith("/") ? [name] : folders.map((folder) => join(folder, name)))).find((path) => existsSync(path));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function eventually<T>(what: string, ask: () => Promise<T>): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > end) throw new Error(`${what}: ${error}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill();
    setTimeout(() => child.kill("SIGKILL"), 5000).unref();
  });
}

/** A browser behind a program that speaks WebDriver. */
export async function webDriver(executable: string, portFlag: (port: number) => string[], capabilities: object, environment = {}): Promise<Driver> {
  const port = await freePort();
  const child = spawn(executable, portFlag(port), { stdio: "ignore", env: { ...process.env, ...environment } });
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const { value } = (await response.json()) as { value: T & { message?: string } };
    if (!response.ok) throw new Error(`${method} ${path}: ${value?.message ?? response.status}`);
    return value;
  };
  try {
    await eventually(executable, () => ask("GET", "/status"));
    const { sessionId } = await ask<{ sessionId: string }>("POST", "/session", { capabilities: { alwaysMatch: capabilities } });
    const session = `/session/${sessionId}`;
    await ask("POST", `${session}/timeouts`, { script: patience, pageLoad: patience });
    const find = async (selector: string) => (await ask<Record<string, string>>("POST", `${session}/element`, { using: "css selector", value: selector }))[elementKey];
    return {
      open: (url) => ask("POST", `${session}/url`, { url }),
      run: async <T>(body: string, ...given: unknown[]) => {
        const script = { script: asynchronous(body), args: given };
        // WebKit's driver now and then loses the result of a script.
        const again = (error: Error) => {
          if (!error.message.includes("Could not parse script result")) throw error;
          return ask<{ value: T; error?: string }>("POST", `${session}/execute/async`, script);
        };
        return answered(await ask<{ value: T; error?: string }>("POST", `${session}/execute/async`, script).catch(again));
      },
      click: async (selector) => ask("POST", `${session}/element/${await find(selector)}/click`, {}),
      provide: async (selector, paths) => ask("POST", `${session}/element/${await find(selector)}/value`, { text: paths.join("\n") }),
      close: async () => {
        await ask("DELETE", session).catch(() => undefined);
        await ended(child);
      },
    };
  } catch (error) {
    await ended(child);
    throw error;
  }
}

/** Firefox, by Marionette: `LENGTH:JSON`, where a command is `[0, number, name, given]`, its answer `[1, number, error, value]`. */
export async function firefox(executable: string): Promise<Driver> {
  const port = await freePort();
  const profile = mkdtempSync(join(tmpdir(), "capelint-firefox-"));
  const preferences = { "marionette.port": port, "browser.shell.checkDefaultBrowser": false, "datareporting.policy.dataSubmissionEnabled": false, "app.update.enabled": false, "browser.download.folderList": 2, "browser.download.dir": profile };
  writeFileSync(join(profile, "user.js"), Object.entries(preferences).map(([key, value]) => `user_pref("${key}", ${JSON.stringify(value)});\n`).join(""));
  const child = spawn(executable, ["--headless", "--marionette", "--no-remote", "--profile", profile], { stdio: "ignore" });
  const close = async () => {
    await ended(child);
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  try {
    const socket = await eventually(executable, () => new Promise<Socket>((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => resolve(socket));
      socket.once("error", reject);
    }));
    const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
    let received = Buffer.alloc(0);
    socket.on("data", (part) => {
      received = Buffer.concat([received, Buffer.from(part as Buffer)]);
      for (;;) {
        const colon = received.indexOf(":");
        const end = colon + 1 + Number(received.subarray(0, Math.max(colon, 0)).toString());
        if (colon < 0 || received.length < end) return;
        const message = JSON.parse(received.subarray(colon + 1, end).toString()) as unknown;
        received = received.subarray(end);
        // The first message is a greeting.
        if (!Array.isArray(message)) continue;
        const [, number, error, value] = message as [number, number, { message: string } | null, unknown];
        const asked = waiting.get(number);
        waiting.delete(number);
        if (error) asked?.reject(new Error(error.message));
        else asked?.resolve(value);
      }
    });
    socket.on("close", () => {
      for (const { reject } of waiting.values()) reject(new Error("Firefox has ended"));
    });
    let number = 0;
    const ask = <T>(name: string, given: object = {}) =>
      new Promise<T>((resolve, reject) => {
        waiting.set(++number, { resolve: resolve as (value: unknown) => void, reject });
        const message = JSON.stringify([0, number, `WebDriver:${name}`, given]);
        socket.write(`${Buffer.byteLength(message)}:${message}`);
      });
    await ask("NewSession", { capabilities: { alwaysMatch: {} } });
    await ask("SetTimeouts", { script: patience, pageLoad: patience });
    const find = async (selector: string) => (await ask<{ value: Record<string, string> }>("FindElement", { using: "css selector", value: selector })).value[elementKey];
    return {
      open: (url) => ask("Navigate", { url }),
      run: async <T>(body: string, ...given: unknown[]) =>
        answered<T>((await ask<{ value: { value: T; error?: string } }>("ExecuteAsyncScript", { script: asynchronous(body), args: given })).value),
      click: async (selector) => ask("ElementClick", { id: await find(selector) }),
      provide: async (selector, paths) => ask("ElementSendKeys", { id: await find(selector), text: paths.join("\n") }),
      close: async () => {
        socket.destroy();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
