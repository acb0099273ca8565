/** What came out: figures, what to do first, downloads, stops, and the report itself. */
import { useEffect, useRef } from "preact/hooks";
import { counted, folders, save, saveToFolder, thousands, zipped } from "../files";
import { type Checked, verdicts } from "../protocol";
import { busy, checked, failure, hasExport, report, reportAs, stale, told, write, writePlan, written } from "../state";
import { Report } from "./report";
import { Stops } from "./stops";
import { verdictNames, verdictSigns } from "./words";

export function Result() {
  const result = checked.value;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [result]);
  if (!result) return null;
  return (
    <>
      <section aria-labelledby="result" class={stale.value ? "stale" : ""}>
        <h2 id="result" tabIndex={-1} ref={heading}>
          Result
        </h2>
        <Verdicts result={result} />
        <Downloads result={result} />
      </section>
      <Stops result={result} />
      {result.checklist.length > 0 && <Checklist items={result.checklist} />}
      <Report html={report.value} />
    </>
  );
}

function Verdicts({ result }: { result: Checked }) {
  const all = verdicts.reduce((sum, verdict) => sum + result.verdicts[verdict].entries, result.accepted);
  const ready = result.verdicts.ready.entries;
  return (
    <>
      <p class="lead">
        {thousands(ready)} of {counted(all, "entry is", "entries are")} ready to file.
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

function Downloads({ result }: { result: Checked }) {
  const files = written.value;
  const idle = busy.value === undefined;
  const download = async (make: typeof write) => {
    const made = await make();
    if (made && made.files.length > 0) save("cape-upload.zip", zipped(made.files), "application/zip");
  };
  const keep = async (format: "html" | "csv", name: string, type: string) => {
    const bytes = await reportAs(format);
    if (bytes) save(name, bytes, type);
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
        <button
          type="button"
          data-testid="download-report"
          disabled={!idle}
          onClick={() => void keep("html", "capelint-report.html", "text/html")}
        >
          Report (HTML)
        </button>
        <button
          type="button"
          data-testid="download-csv"
          disabled={!idle}
          onClick={() => void keep("csv", "capelint-report.csv", "text/csv")}
        >
          Table of entries (CSV)
        </button>
        <button type="button" onClick={() => window.print()}>
          Print
        </button>
      </div>
      {files && (
        <div class="written" role="status" data-testid="written">
          {files.files.length > 0 && (
            <ul class="plain">
              {files.files.map((file) => (
                <li key={file.name}>
                  <button type="button" class="link" onClick={() => save(file.name.split("/").pop() ?? file.name, file.bytes)}>
                    {file.name}
                  </button>
                </li>
              ))}
            </ul>
          )}
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
          <details open>
            <summary>What was written, and why the rest was held back</summary>
            <p class="pre">{files.text}</p>
          </details>
        </div>
      )}
    </div>
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
