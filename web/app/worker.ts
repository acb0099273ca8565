/**
 * The engine, away from the page so that the page never freezes.
 *
 * Runs one call at a time, from beginning to end. It is stopped from outside: the page ends the worker
 * and starts another.
 */
import init, { Engine } from "../generated/engine.js";
import type { Diagnostic, FromWorker, ToWorker } from "./protocol";

const post = (message: FromWorker, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

let engine: Engine | undefined;

async function load(compressed: ArrayBuffer) {
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const { memory } = await init({ module_or_path: await new Response(stream).arrayBuffer() });
  // What `measure.mjs` asks for.
  Object.assign(self, { engineMemory: memory });
  engine = new Engine((title: string, done: number, total: number) => post({ kind: "progress", title, done, total }));
  post({ kind: "loaded" });
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
    const given = data.arguments.map((value) => (plain(value) ? JSON.stringify(value) : value));
    const method = (engine as unknown as Record<string, (...given: unknown[]) => unknown>)[call];
    if (!method) throw new Error(`the engine has no call ${call}`);
    const value = method.apply(engine, given);
    if (value instanceof Uint8Array) {
      post({ kind: "answer", number, value }, [value.buffer as ArrayBuffer]);
    } else {
      post({ kind: "answer", number, value: typeof value === "string" ? JSON.parse(value) : value });
    }
  } catch (error) {
    post({ kind: "failure", number, ...failure(error) });
  }
};

/** Structures go to the engine as JSON, everything else as it is. */
function plain(value: unknown): boolean {
  return typeof value === "object" && value !== null && !(value instanceof Blob);
}
