/** Rules of the user's own: written, tested, and tried on the loaded data. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { EditorHandle } from "../editor";
import { save, thousands } from "../files";
import { type Compared, type RuleTests, type Verdict, verdicts } from "../protocol";
import { client, compare, houseErrors, houseFiles, houseRules, ready, setHouseRules, told } from "../state";
import { Diagnostics } from "./trouble";
import { verdictNames } from "./words";

export function HouseRules() {
  const tests = useSignal<RuleTests | undefined>(undefined);
  const change = useSignal<Compared | undefined>(undefined);
  const trouble = useSignal("");
  const empty = houseRules.value.trim() === "";
  const run = async () => {
    try {
      tests.value = await client.call("test", houseFiles());
      trouble.value = "";
    } catch (error) {
      trouble.value = told(error).text;
    }
  };
  return (
    <section aria-labelledby="house">
      <h2 id="house">House rules</h2>
      <p class="soft">
        Write rules of your own. They are checked as you type, and each check of this page uses them. The file works
        unchanged with the command line.
      </p>
      <Editor />
      <div role="status" data-testid="rules-errors">
        {houseErrors.value.length > 0 ? (
          <Diagnostics diagnostics={houseErrors.value} />
        ) : (
          <p class="soft">{empty ? "No house rules." : "No errors in the rule file."}</p>
        )}
      </div>
      <div class="buttons">
        <button type="button" disabled={empty} data-testid="rules-test" onClick={() => void run()}>
          Run their tests
        </button>
        <button
          type="button"
          disabled={empty || !ready.value || houseErrors.value.length > 0}
          data-testid="rules-compare"
          onClick={async () => {
            change.value = await compare();
          }}
        >
          Compare on my files
        </button>
        <button
          type="button"
          disabled={empty}
          onClick={() => save("house-rules.yaml", houseRules.value)}
        >
          Download house-rules.yaml
        </button>
        {empty && (
          <button type="button" onClick={() => setHouseRules(example)}>
            Start from an example
          </button>
        )}
      </div>
      {trouble.value && (
        <p class="bad pre" role="alert">
          {trouble.value}
        </p>
      )}
      {tests.value && (
        <p class={`pre ${tests.value.passed ? "" : "bad"}`} role="status" data-testid="rules-tests">
          {tests.value.text}
        </p>
      )}
      {change.value && <Change {...change.value} />}
    </section>
  );
}

function Change({ without, with: found, changed, more }: Compared) {
  const difference = (verdict: Verdict) => found[verdict] - without[verdict];
  return (
    <div data-testid="rules-change">
      <table class="change">
        <caption>Entries by verdict, without and with the house rules</caption>
        <thead>
          <tr>
            <th scope="col">Verdict</th>
            <th scope="col" class="n">
              Without
            </th>
            <th scope="col" class="n">
              With
            </th>
            <th scope="col" class="n">
              Change
            </th>
          </tr>
        </thead>
        <tbody>
          {verdicts.map((verdict) => (
            <tr key={verdict}>
              <th scope="row">{verdictNames[verdict]}</th>
              <td class="n">{thousands(without[verdict])}</td>
              <td class="n">{thousands(found[verdict])}</td>
              <td class="n">
                {difference(verdict) > 0 ? "+" : ""}
                {thousands(difference(verdict))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {changed.length === 0 ? (
        <p class="soft">The verdict of every entry is the same with them.</p>
      ) : (
        <table class="change">
          <caption>Entries whose verdict changes{more > 0 ? `; ${thousands(more)} more are not listed` : ""}</caption>
          <thead>
            <tr>
              <th scope="col">Entry</th>
              <th scope="col">Without</th>
              <th scope="col">With</th>
            </tr>
          </thead>
          <tbody>
            {changed.map((one, at) => (
              <tr key={at}>
                <th scope="row" class="mono">
                  {one.entry}
                </th>
                <td>{verdictNames[one.without]}</td>
                <td>{verdictNames[one.with]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

/** A plain field at first; the editor takes its place when it comes into view. */
function Editor() {
  const place = useRef<HTMLDivElement>(null);
  const handle = useRef<EditorHandle | undefined>(undefined);
  const there = useSignal(false);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const watch = new IntersectionObserver(
      async (seen) => {
        if (!seen.some((entry) => entry.isIntersecting)) return;
        watch.disconnect();
        const { open } = await import("../editor");
        there.value = true;
        handle.current = open(element, houseRules.peek(), setHouseRules);
      },
      { rootMargin: "300px" },
    );
    watch.observe(element);
    return () => {
      watch.disconnect();
      handle.current?.close();
    };
  }, []);
  const text = houseRules.value;
  const errors = houseErrors.value;
  useEffect(() => handle.current?.setText(text), [text]);
  useEffect(() => handle.current?.setErrors(errors), [errors]);
  return (
    <>
      {!there.value && (
        <label>
          <span class="hidden">House rules</span>
          <textarea
            class="code"
            rows={12}
            spellcheck={false}
            data-testid="rules-editor"
            value={text}
            onInput={(event) => setHouseRules(event.currentTarget.value)}
          />
        </label>
      )}
      <div class="editor" ref={place} />
    </>
  );
}

const example = `rules:
  - id: small-refund
    title: IEEPA duty under $25
    severity: note
    each: entry
    forbid:
      ieepa_duty: { below: 25 }
    message: entry {entry} has IEEPA duty of {ieepa_duty}
    help: decide whether this refund is worth a filing
    sources: [house rule]
`;
