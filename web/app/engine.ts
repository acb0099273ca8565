/** The page's side of the engine: typed calls, progress, cancel. */
import EngineWorker from "./worker?worker&inline";
import type { Call, Diagnostic, Engine, FromWorker, ReadFile, ToWorker } from "./protocol";

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

type Waiting = { resolve: (value: never) => void; reject: (error: Error) => void; grows: boolean };

/** Calls after which the engine's memory is large. It never shrinks, so its worker ends with them. */
const growing = new Set<Call>(["count", "check", "plan", "compare"]);

/** Turns calls into messages to a worker that runs the engine, which starts when it is called. */
export class Client {
  #worker: Worker | undefined;
  #loaded: Promise<void> | undefined;
  /** Ends the wait for a worker that is starting. */
  #abandon: (error: Error) => void = () => undefined;
  #waiting = new Map<number, Waiting>();
  #number = 0;
  #grown = false;
  /** Files by their number, so that a new worker can be given them. */
  #files = new Map<number, File>();
  /** The engine as the first worker has compiled it. */
  #module: WebAssembly.Module | undefined;
  #readsFiles = true;

  constructor(
    private compressed: ArrayBuffer | undefined,
    private readonly progress: (progress: Progress | undefined) => void,
  ) {}

  #start(): Promise<void> {
    const worker = new EngineWorker();
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      this.#abandon = reject;
      worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (data.kind !== "loaded") return this.#hear(data);
        this.#module ??= data.module;
        if (this.#module) this.compressed = undefined;
        this.#readsFiles = data.readsFiles;
        // A file that cannot be read any more is missed by the call that needs it.
        const told = [...this.#files].map(([id, file]) => this.#give(id, file).catch(() => undefined));
        void Promise.all(told).then(() => resolve());
      };
      worker.onerror = (event) => {
        this.#end(new Error(event.message || "the browser cannot start the engine"));
      };
      const engine = this.#module ?? this.compressed ?? new ArrayBuffer();
      worker.postMessage({ kind: "load", engine } satisfies ToWorker);
    });
  }

  /** Ends the worker, and with it what it was asked for. */
  #end(error: Error) {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#loaded = undefined;
    this.#grown = false;
    this.#abandon(error);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }

  #hear(message: Exclude<FromWorker, { kind: "loaded" }>) {
    if (message.kind === "progress") {
      const { title, done, total } = message;
      this.progress({ title, share: total > 0 ? Math.min(done / total, 1) : 0 });
      return;
    }
    const waiting = this.#waiting.get(message.number);
    this.#waiting.delete(message.number);
    this.#grown ||= waiting?.grows ?? false;
    if (this.#grown && this.#waiting.size === 0) this.#end(new Canceled());
    if (message.kind === "answer") waiting?.resolve(message.value as never);
    else waiting?.reject(new Refused(message.diagnostics, message.text));
  }

  #send(call: Call, given: unknown[], transfer: Transferable[] = []): number {
    const number = ++this.#number;
    this.#worker?.postMessage({ kind: "call", number, call, arguments: given } satisfies ToWorker, transfer);
    return number;
  }

  async call<C extends Call>(call: C, ...given: Parameters<Engine[C]>): Promise<ReturnType<Engine[C]>> {
    await (this.#loaded ??= this.#start());
    return new Promise((resolve, reject) => {
      this.#waiting.set(this.#send(call, given), { resolve, reject, grows: growing.has(call) });
    });
  }

  /** Gives a file to the worker, and its bytes where that cannot read it. */
  async #give(id: number, file: File) {
    if (this.#readsFiles) {
      this.#send("hold", [id, file]);
      return;
    }
    const bytes = await file.arrayBuffer().catch(() => {
      throw new Error("it was moved, changed, or is open in another program such as Excel");
    });
    this.#send("hold", [id, { name: file.name, bytes } satisfies ReadFile], [bytes]);
  }

  async recognize(id: number, file: File) {
    await (this.#loaded ??= this.#start());
    this.#files.set(id, file);
    await this.#give(id, file);
    return this.call("recognize", id, file.name);
  }

  async remove(id: number) {
    this.#files.delete(id);
    if (this.#worker) await this.call("forget", id);
  }

  /** Ends what is running. The next call starts afresh. */
  cancel() {
    this.#end(new Canceled());
    this.progress(undefined);
  }
}

/** The compressed engine, which is in the page as base 64 and is taken out of it. */
export function embedded(): ArrayBuffer {
  const element = document.getElementById("engine");
  const binary = atob(element?.textContent?.trim() ?? "");
  element?.remove();
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes.buffer;
}
