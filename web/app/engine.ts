/** The page's side of the engine: typed calls, progress, cancel. */
import EngineWorker from "./worker?worker&inline";
import type { Call, Diagnostic, Engine, FromWorker, ToWorker } from "./protocol";

/** What the engine refused, with its places. */
export class Refused extends Error {
  constructor(
    readonly diagnostics: Diagnostic[],
    text: string,
  ) {
    super(text);
  }
}

/** The work was canceled. */
export class Canceled extends Error {}

export interface Progress {
  title: string;
  /** 0 to 1. */
  share: number;
}

type Waiting = { resolve: (value: never) => void; reject: (error: Error) => void };

/** Turns calls into messages to a worker that runs the engine. */
export class Client {
  #worker: Worker | undefined;
  #waiting = new Map<number, Waiting>();
  #number = 0;
  #loaded: Promise<void> = Promise.resolve();
  /** Files by their number, so that a new worker can be given them. */
  #files = new Map<number, { name: string; file: File }>();

  constructor(
    private readonly compressed: () => ArrayBuffer,
    private readonly progress: (progress: Progress | undefined) => void,
  ) {
    this.#start();
  }

  #start() {
    const worker = new EngineWorker();
    this.#worker = worker;
    this.#loaded = new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (data.kind === "loaded") resolve();
        else this.#hear(data);
      };
      worker.onerror = (event) => {
        const error = new Error(event.message || "the browser cannot start the engine");
        reject(error);
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
      };
    });
    // A failure is reported by the next call.
    this.#loaded.catch(() => undefined);
    const engine = this.compressed();
    worker.postMessage({ kind: "load", engine } satisfies ToWorker, [engine]);
  }

  #hear(message: Exclude<FromWorker, { kind: "loaded" }>) {
    if (message.kind === "progress") {
      const { title, done, total } = message;
      this.progress({ title, share: total > 0 ? Math.min(done / total, 1) : 0 });
      return;
    }
    const waiting = this.#waiting.get(message.number);
    this.#waiting.delete(message.number);
    if (message.kind === "answer") waiting?.resolve(message.value as never);
    else waiting?.reject(new Refused(message.diagnostics, message.text));
  }

  async call<C extends Call>(call: C, ...given: Parameters<Engine[C]>): Promise<ReturnType<Engine[C]>> {
    await this.#loaded;
    const number = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#worker?.postMessage({ kind: "call", number, call, arguments: given } satisfies ToWorker);
    });
  }

  async add(id: number, file: File) {
    this.#files.set(id, { name: file.name, file });
    return this.call("recognize", id, file.name, file);
  }

  async remove(id: number) {
    this.#files.delete(id);
    await this.call("forget", id);
  }

  /** Ends what is running. The engine starts afresh and gets the files again. */
  async cancel() {
    this.#worker?.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Canceled());
    this.#waiting.clear();
    this.progress(undefined);
    this.#start();
    for (const [id, { name, file }] of this.#files) await this.call("recognize", id, name, file);
  }
}

/** The compressed engine, which is in the page as base 64. */
export function embedded(): ArrayBuffer {
  const text = document.getElementById("engine")?.textContent?.trim() ?? "";
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes.buffer;
}
