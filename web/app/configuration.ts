/**
 * capelint.yaml: what the form shows of it, and what the form changes in it.
 *
 * The text stays the user's: comments, order and keys that the form does not know are kept.
 */
import { Document, isMap, isScalar, isSeq, parseDocument, Scalar, YAMLMap, YAMLSeq } from "yaml";

export interface Waiver {
  rule: string;
  entries: string[];
  reason: string;
  /** The last day on which it applies, `2026-12-31`. */
  until: string;
}

export interface Client {
  name: string;
  importerNumbers: string[];
}

export interface Settings {
  role: "" | "importer" | "broker";
  importerNumbers: string[];
  filerCodes: string[];
  clients: Client[];
  /** Tables for which the user states that there is nothing to list. */
  none: string[];
  /** Days of export by table, as the user corrected them. */
  exported: Record<string, string>;
}

/** Reads a text; one that is no YAML counts as empty, and the engine reports what is wrong with it. */
function parsed(text: string): Document {
  const document = parseDocument(text, { schema: "failsafe" });
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents))) {
    return new Document({});
  }
  return document as unknown as Document;
}

const list = (value: unknown): string[] => {
  if (isSeq(value)) return value.items.map((item) => (isScalar(item) ? String(item.value) : "")).filter(Boolean);
  if (isScalar(value) && String(value.value) !== "") return [String(value.value)];
  return [];
};

/** What the form shows of a configuration. */
export function read(text: string): Settings {
  const document = parsed(text);
  const at = (path: string[]) => document.getIn(path, true);
  const role = at(["account", "role"]);
  const tables = document.get("tables");
  const exported = document.get("exported");
  const clients = document.get("clients");
  const pairs = (map: unknown): [string, unknown][] =>
    isMap(map) ? map.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : "", pair.value]) : [];
  return {
    role: isScalar(role) && (role.value === "importer" || role.value === "broker") ? role.value : "",
    importerNumbers: list(at(["account", "importer_numbers"])),
    filerCodes: list(at(["account", "filer_codes"])),
    clients: isSeq(clients)
      ? clients.items.filter(isMap).map((client) => ({
          name: list(client.get("name", true))[0] ?? "",
          importerNumbers: list(client.get("importer_numbers", true)),
        }))
      : [],
    none: pairs(tables)
      .filter(([, value]) => isScalar(value) && String(value.value) === "none")
      .map(([name]) => name),
    exported: Object.fromEntries(pairs(exported).map(([name, day]) => [name, list(day)[0] ?? ""])),
  };
}

const scalar = (value: string) => {
  const node = new Scalar(value);
  // Codes such as 001 or NO stay the text that was typed.
  node.type = /^[A-Za-z][A-Za-z0-9 _.-]*$/.test(value) && !/^(no|yes|on|off|true|false|null|y|n)$/i.test(value) ? "PLAIN" : "QUOTE_DOUBLE";
  return node;
};

const sequence = (values: string[], flow = true) => {
  const node = new YAMLSeq();
  node.items = values.map(scalar);
  node.flow = flow;
  return node;
};

/** Sets or removes a key, and removes the mapping that is left empty. */
function put(document: Document, path: string[], value: unknown) {
  if (value === undefined) {
    document.deleteIn(path);
    const parent = path.slice(0, -1);
    const left = parent.length > 0 ? document.getIn(parent) : undefined;
    if (isMap(left) && left.items.length === 0) document.deleteIn(parent);
  } else {
    if (!document.contents) document.contents = new YAMLMap(document.schema);
    document.setIn(path, value);
  }
}

const written = (document: Document) =>
  isMap(document.contents) && document.contents.items.length > 0 ? document.toString({ lineWidth: 0, flowCollectionPadding: false }) : "";

/** The text with other settings. Only what differs is touched. */
export function write(text: string, change: Partial<Settings>): string {
  const document = parsed(text);
  if (change.role !== undefined) put(document, ["account", "role"], change.role ? scalar(change.role) : undefined);
  const lists: [string[] | undefined, string][] = [
    [change.importerNumbers, "importer_numbers"],
    [change.filerCodes, "filer_codes"],
  ];
  for (const [values, key] of lists) {
    if (values) put(document, ["account", key], values.length > 0 ? sequence(values) : undefined);
  }
  if (change.clients) {
    const clients = new YAMLSeq();
    for (const client of change.clients) {
      const map = new YAMLMap();
      map.set("name", scalar(client.name));
      if (client.importerNumbers.length > 0) map.set("importer_numbers", sequence(client.importerNumbers));
      clients.add(map);
    }
    put(document, ["clients"], clients.items.length > 0 ? clients : undefined);
  }
  if (change.none) {
    const before = read(text).none;
    for (const name of before) if (!change.none.includes(name)) put(document, ["tables", name], undefined);
    for (const name of change.none) put(document, ["tables", name], scalar("none"));
  }
  if (change.exported) {
    for (const name of Object.keys(read(text).exported)) {
      if (!change.exported[name]) put(document, ["exported", name], undefined);
    }
    for (const [name, day] of Object.entries(change.exported)) {
      if (day) put(document, ["exported", name], new Scalar(day));
    }
  }
  return written(document);
}

/** The text with one more waiver. */
export function waive(text: string, waiver: Waiver): string {
  const document = parsed(text);
  const map = new YAMLMap();
  map.set("rule", scalar(waiver.rule));
  map.set("entries", sequence(waiver.entries));
  map.set("reason", scalar(waiver.reason));
  map.set("until", new Scalar(waiver.until));
  const waivers = document.get("waivers");
  if (isSeq(waivers)) waivers.add(map);
  else {
    const first = new YAMLSeq();
    first.add(map);
    put(document, ["waivers"], first);
  }
  return written(document);
}

/** The waivers of a configuration. */
export function waivers(text: string): Waiver[] {
  const found = parsed(text).get("waivers");
  if (!isSeq(found)) return [];
  return found.items.filter(isMap).map((map) => ({
    rule: list(map.get("rule", true))[0] ?? "",
    entries: list(map.get("entries", true)),
    reason: list(map.get("reason", true))[0] ?? "",
    until: list(map.get("until", true))[0] ?? "",
  }));
}

/** The text without a waiver. */
export function unwaive(text: string, at: number): string {
  const document = parsed(text);
  document.deleteIn(["waivers", at]);
  const left = document.get("waivers");
  if (isSeq(left) && left.items.length === 0) put(document, ["waivers"], undefined);
  return written(document);
}
