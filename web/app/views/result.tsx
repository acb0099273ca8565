/** What came out: figures, what to do first, downloads, stops, and the report itself. */
import { useEffect, useRef } from "preact/hooks";
import { counted, folders, save, saveToFolder, thousands, zipped } from "../files";
import { type Checked, type Missing, type Output, type Outputs, verdicts } from "../protocol";
import { about, arrivals, busy, failure, hasExport, outputs, stale, told, write, writePlan, written } from "../state";
import { Report } from "./report";
import { Stops } from "./stops";
import { verdictNames, verdictSigns } from "./words";

export function Result() {
  const given = outputs.value;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    heading.current?.closest("section")?.scrollIntoView({ block: "start" });
  }, [arrivals.value]);
  if (!given) return null;
  const result = given.answer;
  return (
    <>
      <section aria-labelledby="result" class={stale.value ? "stale" : ""}>
        <h2 id="result" tabIndex={-1} ref={heading}>
          Result
        </h2>
        <Verdicts result={result} />
        <Downloads given={given} />
        <Open result={result} />
      </section>
      <Stops result={result} />
      {result.checklist.length > 0 && <Checklist items={result.checklist} />}
      <Report html={given.html} />
    </>
  );
}

function Verdicts({ result }: { result: Checked }) {
  const all = verdicts.reduce((sum, verdict) => sum + result.verdicts[verdict].entries, result.accepted);
  const uploadable = result.verdicts.ready.entries + result.verdicts.warned.entries;
  return (
    <>
      <p class="lead">
        {thousands(uploadable)} of {counted(all, "entry", "entries")} may be uploaded.
      </p>
      <div class="verdict-bar" aria-hidden="true">
        {verdicts
          .filter((verdict) => result.verdicts[verdict].entries > 0)
          .map((verdict) => (
            <span key={verdict} class={verdict} style={{ flexGrow: result.verdicts[verdict].entries }} />
          ))}
      </div>
      <ul class="tally">
        {verdicts.map((verdict) => (
          <li key={verdict} class={verdict}>
            <b data-testid={`verdict-${verdict}`}>{thousands(result.verdicts[verdict].entries)}</b>
            <span class="verdict">
              <span aria-hidden="true">{verdictSigns[verdict]} </span>
              {verdictNames[verdict]}
            </span>
            {result.verdicts[verdict].duty && <span class="soft">{result.verdicts[verdict].duty}</span>}
          </li>
        ))}
      </ul>
      {result.accepted > 0 && <p class="soft">{counted(result.accepted, "more entry was", "more entries were")} accepted by you.</p>}
    </>
  );
}

/** Which lists would decide undecided entries: the first thing to do about them. */
function Open({ result }: { result: Checked }) {
  const open = result.missing.filter((cause) => cause.entries > 0);
  if (open.length === 0) return null;
  const title = (cause: Missing) => about.value?.tables.find((table) => table.name === cause.table)?.title ?? cause.text;
  return (
    <p class="open" data-testid="open">
      Entries stay undecided, and are held back, because these were not provided:{" "}
      {open.map((cause) => `${title(cause)} (${counted(cause.entries, "entry", "entries")})`).join("; ")}.{" "}
      <a href="#missing">Provide them, or state that there is nothing to list</a>
    </p>
  );
}

function Downloads({ given }: { given: Outputs<Checked> }) {
  const result = given.answer;
  const files = written.value;
  const idle = busy.value === undefined;
  const download = async (make: typeof write) => {
    const made = await make();
    if (made && made.files.length > 0) save("cape-upload.zip", await zipped(made.files));
  };
  return (
    <div class="downloads">
      <h3>Downloads</h3>
      <div class="buttons">
        <button
          type="button"
          class="main"
          data-testid={result.planned ? "download-plan" : "download-fix"}
          disabled={!idle || stale.value}
          onClick={() => void download(write)}
        >
          {result.planned ? "Upload files for the whole export (ZIP)" : "Upload files for the declaration (ZIP)"}
        </button>
        {!result.planned && hasExport.value && (
          <button type="button" data-testid="download-plan" disabled={!idle} onClick={() => void download(writePlan)}>
            Upload files for the whole export (ZIP)
          </button>
        )}
        <button type="button" data-testid="download-report" onClick={() => save("capelint-report.html", given.html)}>
          Report (HTML)
        </button>
        {given.csv && (
          <button type="button" data-testid="download-csv" onClick={() => given.csv && save("capelint-report.csv", given.csv)}>
            Table of entries (CSV)
          </button>
        )}
        <button type="button" onClick={() => window.print()}>
          Print
        </button>
      </div>
      {files && (
        <div class="written" role="status" data-testid="written">
          <Files title="Upload these in the ACE Portal, in this order" files={files.files.filter(({ name }) => !forYou[name])} />
          <Files title="For you" files={files.files.filter(({ name }) => forYou[name])} />
          {folders() && files.files.length > 0 && (
            <button
              type="button"
              onClick={async () => {
                try {
                  await saveToFolder(files.files);
                } catch (error) {
                  if (!(error instanceof DOMException && error.name === "AbortError")) failure.value = told(error);
                }
              }}
            >
              Save to a folder
            </button>
          )}
          <h4>How the entries add up</h4>
          <p class="pre">{files.text}</p>
        </div>
      )}
    </div>
  );
}

/** The files that are not for CBP, and what they are. */
const forYou: Record<string, string> = {
  "held.csv": "every entry that was held back, with the reason",
  "worklist.csv": "every entry that is not uploaded, with the reason, the next step and who must act",
  "warned.csv": "the warnings on entries to upload",
  "accepted-by-you.csv": "what you accepted, with your reason",
  "summary.html": "the report",
  "checklist.txt": "questions to answer before the first upload",
};

function Files({ title, files }: { title: string; files: Output[] }) {
  if (files.length === 0) return null;
  return (
    <>
      <h4>{title}</h4>
      <ul class="plain">
        {files.map(({ name, blob }) => (
          <li key={name}>
            <button type="button" class="link" onClick={() => save(name.split("/").pop() ?? name, blob)}>
              {name}
            </button>
            {forYou[name] && <span class="soft"> {forYou[name]}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}

function Checklist({ items }: { items: string[] }) {
  return (
    <section aria-labelledby="checklist">
      <h2 id="checklist">Before the first upload</h2>
      <p class="soft">No export shows these. Check them yourself.</p>
      <ul class="checklist">
        {items.map((item) => (
          <li key={item}>
            <label class="check">
              <input type="checkbox" /> {item}
            </label>
          </li>
        ))}
      </ul>
    </section>
  );
}
