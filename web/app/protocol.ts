/** The messages between the page and the engine's worker. All of it is plain data. */

/** An error in a file, at its place where it has one. */
export interface Diagnostic {
  code: string;
  message: string;
  help: string[];
  file?: string;
  /** One-based. */
  line?: number;
  /** One-based, in characters. */
  column?: number;
  /** Byte offsets into the file's text, as the editor needs them. */
  from?: number;
  to?: number;
}

/** A table that the user can provide. */
export interface TableInfo {
  name: string;
  title: string;
  /** The rules that read it. */
  rules: RuleName[];
}

export interface RuleName {
  id: string;
  title: string;
}

export interface About {
  version: string;
  pack: string;
  tables: TableInfo[];
}

/** What a file is used as: `declaration`, `table:NAME`, `configuration`, `rules`, or `none`. */
export type Use = "declaration" | "configuration" | "rules" | "none" | `table:${string}`;

/** What a file looks like. */
export interface Recognized {
  use: Use;
  /** Why it was taken for this, in words, where that is not plain. */
  note?: string;
}

/** Counted in the whole file. */
export interface Counted {
  rows: number;
  entries: number;
  /** The day of the export, `2026-11-20`, where the file has it. */
  exported?: string;
}

export interface InputFile {
  id: number;
  name: string;
  use: Use;
  /** How many entries it has, once they are counted. */
  entries?: number;
}

export interface Request {
  files: InputFile[];
  /** The text of capelint.yaml. */
  configuration: string;
  rules: { name: string; text: string }[];
  filingDate: string;
}

export const verdicts = ["ready", "warned", "undecided", "stopped", "rejected"] as const;
export type Verdict = (typeof verdicts)[number];

export interface Figure {
  entries: number;
  /** IEEPA duty in dollars, as text: `1,234.56`; absent where it is not known for any entry. */
  duty?: string;
}

/** A stop that a person may lift. */
export interface Stop {
  rule: string;
  title: string;
  /** Entry number with dashes. */
  entry: string;
  message: string;
  help: string;
}

export interface Checked {
  /** Whether every entry of the export was evaluated, because no declaration was provided. */
  planned: boolean;
  verdicts: Record<Verdict, Figure>;
  /** Entries that may be uploaded only because of waivers; they are counted under no verdict. */
  accepted: number;
  stops: Stop[];
  /** How many more stops there are than `stops` has. */
  moreStops: number;
  /** What was not provided, and what that leaves open. */
  missing: Missing[];
  /** Before the first upload. */
  checklist: string[];
}

/** What only the user can provide, and what is open without it. */
export interface Missing {
  /** The list that was not provided. */
  table?: string;
  /** The member of `account` that is not set. */
  setting?: string;
  text: string;
  help: string;
  /** Entries that are undecided without it. */
  entries: number;
  /** Rules that are not checked, or undecided, without it. */
  rules: RuleName[];
  /** Rules that the other sources decided. */
  elsewhere: RuleName[];
}

/** A file for download. The browser keeps its bytes; nobody holds them in memory. */
export interface Output {
  name: string;
  blob: Blob;
}

/** Upload files, and the notes about them. */
export interface Written {
  files: Output[];
  text: string;
}

/** What a check gives: an answer, and files for download. */
export interface Outputs<Answer> extends Written {
  answer: Answer;
  html: Blob;
  /** Not there where the entries were too many for one report. */
  csv?: Blob;
}

/** What house rules change. */
export interface Compared {
  without: Record<Verdict, number>;
  with: Record<Verdict, number>;
  /** The first entries whose verdict differs. */
  changed: { entry: string; without: Verdict; with: Verdict }[];
  /** How many more there are. */
  more: number;
}

export interface RuleText {
  id: string;
  severity: string;
  title: string;
  text: string;
  sources: string[];
}

export interface RuleTests {
  passed: boolean;
  text: string;
}

/** A file that the page has read, for a worker that cannot. */
export interface ReadFile {
  name: string;
  bytes: ArrayBuffer;
}

/** The calls of the engine. */
export interface Engine {
  about(): About;
  hold(id: number, file: File | ReadFile): void;
  recognize(id: number, name: string): Recognized;
  count(id: number, use: Use): Counted;
  forget(id: number): void;
  check(request: Request): Outputs<Checked>;
  /** The upload files of the whole export, whatever the declarations name. */
  plan(request: Request): Outputs<null>;
  compare(request: Request): Compared;
  explain(text: string): string;
  rules(house: { name: string; text: string }[]): RuleText[];
  lint(house: { name: string; text: string }[]): Diagnostic[];
  test(house: { name: string; text: string }[]): RuleTests;
  configuration(text: string): Diagnostic[];
}

export type Call = keyof Engine;

/** From the page to the worker. A module is an engine that another worker has compiled. */
export type ToWorker =
  | { kind: "load"; engine: ArrayBuffer | WebAssembly.Module }
  | { kind: "call"; number: number; call: Call; arguments: unknown[] };

/** From the worker to the page. */
export type FromWorker =
  | { kind: "loaded"; module?: WebAssembly.Module; readsFiles: boolean }
  | { kind: "progress"; title: string; done: number; total: number }
  | { kind: "answer"; number: number; value: unknown }
  | { kind: "failure"; number: number; diagnostics: Diagnostic[]; text: string };
