/** The state of the page, and the actions that change it. */
import { batch, computed, signal } from "@preact/signals";
import * as configuration from "./configuration";
import { Canceled, Client, embedded, type Progress, Refused } from "./engine";
import { easternDay } from "./files";
import type { About, Checked, Counted, Diagnostic, Outputs, Recognized, Request, Use, Written } from "./protocol";

/** A file that the user provided. */
export interface Card {
  id: number;
  file: File;
  use: Use;
  note?: string;
  /** Not there while it is counted. */
  counted?: Counted;
  /** Why it cannot be read. */
  trouble?: string;
}

/** Why the last action ended without a result. */
export interface Failure {
  text: string;
  diagnostics: Diagnostic[];
}

export const about = signal<About | undefined>(undefined);
export const cards = signal<Card[]>([]);
export const filingDate = signal(easternDay());
export const configurationText = signal("");
export const configurationErrors = signal<Diagnostic[]>([]);
export const houseRules = signal("");
export const houseErrors = signal<Diagnostic[]>([]);
export const busy = signal<string | undefined>(undefined);
export const progress = signal<Progress | undefined>(undefined);
/** What the last check gave, with its files. */
export const outputs = signal<Outputs<Checked> | undefined>(undefined);
export const checked = computed(() => outputs.value?.answer);
export const failure = signal<Failure | undefined>(undefined);
/** Whether something was changed after the check. */
export const stale = signal(false);
/** What was last written, as the command line prints it. */
export const written = signal<Written | undefined>(undefined);

export const settings = computed(() => configuration.read(configurationText.value));
/** How many calls are still taking in files: a check before they are all there would be of half of them. */
const adding = signal(0);
export const ready = computed(() =>
  adding.value === 0 && cards.value.some((card) => card.use === "declaration" || card.use === "table:es003"),
);

export const client = new Client(embedded(), (next) => {
  progress.value = next;
});

export const houseFiles = () =>
  houseRules.value.trim() === "" ? [] : [{ name: "house-rules.yaml", text: houseRules.value }];

export function request(): Request {
  return {
    files: cards.value
      .filter((card) => !card.trouble && (card.use === "declaration" || card.use.startsWith("table:")))
      .map(({ id, file, use, counted }) => ({ id, name: file.name, use, ...(counted ? { entries: counted.entries } : {}) })),
    configuration: configurationText.value,
    rules: houseFiles(),
    filingDate: filingDate.value,
  };
}

/** Anything that a result rests on was changed. */
function changed() {
  stale.value = checked.value !== undefined;
}

export function setFilingDate(day: string) {
  filingDate.value = day;
  changed();
}

export function setConfiguration(text: string) {
  configurationText.value = text;
  changed();
  clearTimeout(waitingForConfiguration);
  waitingForConfiguration = window.setTimeout(async () => {
    const errors = await client.call("configuration", text).catch(() => undefined);
    if (errors && configurationText.value === text) configurationErrors.value = errors;
  }, 200);
}

let waitingForConfiguration = 0;

export const change = (part: Partial<configuration.Settings>) =>
  setConfiguration(configuration.write(configurationText.value, part));

/** Runs what takes long: one at a time, with progress, and with its failure shown. */
async function long<T>(title: string, work: () => Promise<T>): Promise<T | undefined> {
  if (busy.value !== undefined) return undefined;
  batch(() => {
    busy.value = title;
    progress.value = undefined;
    failure.value = undefined;
  });
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Canceled)) failure.value = told(error);
    return undefined;
  } finally {
    batch(() => {
      busy.value = undefined;
      progress.value = undefined;
    });
  }
}

export function told(error: unknown): Failure {
  if (error instanceof Refused) return { text: error.message, diagnostics: error.diagnostics };
  return { text: error instanceof Error ? error.message : String(error), diagnostics: [] };
}

let lastId = 0;

const patch = (id: number, part: Partial<Card>) => {
  cards.value = cards.value.map((card) => (card.id === id ? { ...card, ...part } : card));
};

/** Asks again where other work was canceled, and this with it. */
async function insisted<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Canceled)) throw error;
    }
  }
}

export async function addFiles(files: File[]) {
  adding.value++;
  try {
    await take(files);
  } finally {
    adding.value--;
  }
}

async function take(files: File[]) {
  for (const file of files) {
    const id = ++lastId;
    let recognized: Recognized;
    try {
      recognized = await insisted(() => client.recognize(id, file));
    } catch (error) {
      cards.value = [...cards.value, { id, file, use: "none", trouble: told(error).text }];
      continue;
    }
    // Settings and rules are texts: they go to where they are edited.
    if (recognized.use === "configuration") {
      setConfiguration(await file.text());
      await client.remove(id);
      continue;
    }
    if (recognized.use === "rules") {
      setHouseRules(await file.text());
      await client.remove(id);
      continue;
    }
    // The same file again takes the place of the first.
    const same = cards.value.find((card) => card.file.name === file.name && card.file.size === file.size);
    if (same) await removeFile(same.id);
    cards.value = [
      ...cards.value,
      { id, file, use: recognized.use, ...(recognized.note ? { note: recognized.note } : {}) },
    ];
    changed();
    await count(id, recognized.use);
  }
}

async function count(id: number, use: Use) {
  if (use === "none") return;
  try {
    patch(id, { counted: await insisted(() => client.call("count", id, use)) });
  } catch (error) {
    patch(id, { trouble: told(error).text });
  } finally {
    if (busy.value === undefined) progress.value = undefined;
  }
}

export async function setUse(id: number, use: Use) {
  cards.value = cards.value.map((card) => {
    if (card.id !== id) return card;
    const { counted: _counted, trouble: _trouble, note: _note, ...rest } = card;
    return { ...rest, use };
  });
  changed();
  await count(id, use);
}

export async function removeFile(id: number) {
  cards.value = cards.value.filter((card) => card.id !== id);
  changed();
  await client.remove(id);
}

/** How often the user has asked for a result, to be brought to it. */
export const arrivals = signal(0);

export const check = () => examine(true);

const examine = (arrive: boolean) =>
  long("Checking", async () => {
    const found = await client.call("check", request());
    batch(() => {
      outputs.value = found;
      if (arrive) arrivals.value++;
      stale.value = false;
      written.value = undefined;
    });
  });

/** Whether there is an export, so that its whole upload can be planned. */
export const hasExport = computed(() => cards.value.some((card) => card.use === "table:es003" && !card.trouble));

/** The upload files of the last check. */
export const write = async (): Promise<Written | undefined> => {
  written.value = outputs.value;
  return written.value;
};

/** Plans and writes the upload files of the whole export, whatever the declarations name. */
export const writePlan = () =>
  long("Planning the whole export", async () => {
    written.value = await client.call("plan", request());
    return written.value;
  });

/** Accepts a stopped entry, with a reason, as a waiver of the configuration. */
export async function lift(waiver: configuration.Waiver) {
  setConfiguration(configuration.waive(configurationText.value, waiver));
  await examine(false);
  document.getElementById("stops")?.focus();
}

export async function restore(at: number) {
  setConfiguration(configuration.unwaive(configurationText.value, at));
  await examine(false);
  document.getElementById("stops")?.focus();
}

let linting = 0;

export function setHouseRules(text: string) {
  houseRules.value = text;
  changed();
  const number = ++linting;
  clearTimeout(waitingForLint);
  // The engine reads the whole pack each time; between two keys there is no use in that.
  waitingForLint = window.setTimeout(async () => {
    const errors = await client.call("lint", houseFiles()).catch(() => undefined);
    if (errors && number === linting) houseErrors.value = errors;
  }, 200);
}

let waitingForLint = 0;

/** What the house rules change on the loaded data. */
export const compare = () => long("Comparing", () => client.call("compare", request()));

/** Ends what is running. */
export const cancel = () => client.cancel();

export async function start() {
  try {
    about.value = await client.call("about");
  } catch (error) {
    failure.value = told(error);
  }
}
