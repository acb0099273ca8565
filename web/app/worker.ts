/**
 * The engine, away from the page so that the page never freezes.
 *
 * Runs one call at a time, from beginning to end. It is stopped from outside: the page ends the worker
 * and starts another.
 */
import init, { Engine } from "../generated/engine.js";
import type { Diagnostic, FromWorker, ReadFile, ToWorker } from "./protocol";

const post = (message: FromWorker) => self.postMessage(message);

let engine: Engine | undefined;

async function load(given: ArrayBuffer | WebAssembly.Module) {
  const module = given instanceof WebAssembly.Module ? given : await compiled(given);
  const { memory } = await init({ module_or_path: module });
  // What `measure.mjs` asks for.
  Object.assign(self, { engineMemory: memory });
  engine = new Engine((title: string, done: number, total: number) => post({ kind: "progress", title, done, total }));
  const readsFiles = canRead();
  if (!readsFiles) Object.assign(self, { FileReaderSync: Reader });
  try {
    post({ kind: "loaded", module, readsFiles });
  } catch {
    // A browser that does not hand modules over compiles it again for the next worker.
    post({ kind: "loaded", readsFiles });
  }
}

async function compiled(compressed: ArrayBuffer): Promise<WebAssembly.Module> {
  const bytes = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(stream) {
      stream.enqueue(new Uint8Array(compressed));
      stream.close();
    },
  });
  return WebAssembly.compile(await new Response(bytes.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
}

/** Whether files can be read here. WebKit refuses it to the workers of a page that was opened from disk. */
function canRead(): boolean {
  try {
    return new FileReaderSync().readAsArrayBuffer(new Blob(["x"])).byteLength === 1;
  } catch {
    return false;
  }
}

/** A file that the page has read, in the shape of one that is read here. */
class Held {
  readonly name: string;
  readonly #bytes: ArrayBuffer;

  constructor({ name, bytes }: ReadFile) {
    this.name = name;
    this.#bytes = bytes;
  }

  get size() {
    return this.#bytes.byteLength;
  }

  slice(from: number, to: number): ArrayBuffer {
    return this.#bytes.slice(from, to);
  }
}

/** Reads the parts of a `Held` file. */
class Reader {
  readAsArrayBuffer(part: ArrayBuffer): ArrayBuffer {
    return part;
  }
}

/** The engine refuses with its diagnostics as JSON; anything else is a bug. */
function failure(error: unknown): { diagnostics: Diagnostic[]; text: string } {
  if (typeof error === "string") {
    try {
      return JSON.parse(error) as { diagnostics: Diagnostic[]; text: string };
    } catch {
      return { diagnostics: [], text: error };
    }
  }
  return { diagnostics: [], text: String(error) };
}

self.onmessage = async ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "load") {
    await load(data.engine);
    return;
  }
  const { number, call } = data;
  try {
    if (!engine) throw new Error("the engine is not loaded");
    const given = data.arguments.map(taken);
    const method = (engine as unknown as Record<string, (...given: unknown[]) => unknown>)[call];
    if (!method) throw new Error(`the engine has no call ${call}`);
    post({ kind: "answer", number, value: answered(method.apply(engine, given)) });
  } catch (error) {
    post({ kind: "failure", number, ...failure(error) });
  }
};

/** Answers are JSON, alone or beside the files of a check. */
function answered(value: unknown): unknown {
  if (typeof value === "string") return JSON.parse(value);
  if (typeof value !== "object" || value === null) return value;
  const { answer, ...files } = value as { answer: string };
  return { ...files, answer: JSON.parse(answer) };
}

/** Files go to the engine as they are, structures as JSON. */
function taken(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Blob) return value;
  return "bytes" in value ? new Held(value as ReadFile) : JSON.stringify(value);
}
