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
  rules: string[];
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
  missing: { text: string; help: string; rules: string[] }[];
  /** Before the first upload. */
  checklist: string[];
}

export interface Output {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** The names of files that can be fetched one by one, and the notes about them. */
export interface Listed {
  names: string[];
  text: string;
}

/** Files for download, and the notes about them. */
export interface Written {
  files: Output[];
  text: string;
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

/** The calls of the engine. */
export interface Engine {
  about(): About;
  recognize(id: number, name: string, file: File): Recognized;
  count(id: number, use: Use): Counted;
  forget(id: number): void;
  check(request: Request): Checked;
  report(format: "html" | "csv"): Uint8Array<ArrayBuffer>;
  /** The upload files of the last check; where it had no declaration, those of the whole export. */
  fix(): Listed;
  fix_file(index: number): Uint8Array<ArrayBuffer>;
  /** The upload files of the whole export, whatever the declarations name. */
  plan(request: Request): Listed;
  plan_file(index: number): Uint8Array<ArrayBuffer>;
  explain(text: string): string;
  rules(house: { name: string; text: string }[]): RuleText[];
  lint(house: { name: string; text: string }[]): Diagnostic[];
  test(house: { name: string; text: string }[]): RuleTests;
  configuration(text: string): Diagnostic[];
}

export type Call = keyof Engine;

/** From the page to the worker. */
export type ToWorker =
  | { kind: "load"; engine: ArrayBuffer }
  | { kind: "call"; number: number; call: Call; arguments: unknown[] };

/** From the worker to the page. */
export type FromWorker =
  | { kind: "loaded" }
  | { kind: "progress"; title: string; done: number; total: number }
  | { kind: "answer"; number: number; value: unknown }
  | { kind: "failure"; number: number; diagnostics: Diagnostic[]; text: string };
