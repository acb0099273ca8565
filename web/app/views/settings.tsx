/** What does not change from day to day: a form over capelint.yaml. */
import { useSignal } from "@preact/signals";
import type { Client } from "../configuration";
import { save } from "../files";
import { change, configurationErrors, configurationText, filingDate, setConfiguration, setFilingDate, settings } from "../state";
import { Diagnostics } from "./trouble";

const split = (text: string) => text.split(/[\s,;]+/).filter(Boolean);

export function Settings() {
  const { role, importerNumbers, filerCodes, clients } = settings.value;
  return (
    <section aria-labelledby="settings">
      <h2 id="settings">Filing date and account</h2>
      <div class="form">
        <label>
          Filing date
          <input
            type="date"
            required
            data-testid="filing-date"
            value={filingDate.value}
            onInput={(event) => setFilingDate(event.currentTarget.value)}
          />
          <small>The day of the upload, in US Eastern time</small>
        </label>
        <label>
          Account that files
          <select
            data-testid="role"
            value={role}
            onChange={(event) => change({ role: event.currentTarget.value as typeof role })}
          >
            <option value="">Not set</option>
            <option value="importer">Importer account</option>
            <option value="broker">Broker account</option>
          </select>
        </label>
        <Words
          label="Importer numbers"
          hint="As in the ES-003, separated by commas"
          testId="importer-numbers"
          values={importerNumbers}
          onChange={(values) => change({ importerNumbers: values })}
        />
        <Words
          label="Filer codes"
          hint="The first 3 characters of your entry numbers"
          testId="filer-codes"
          values={filerCodes}
          onChange={(values) => change({ filerCodes: values })}
        />
      </div>
      <Clients clients={clients} />
      <Configuration />
    </section>
  );
}

interface WordsProps {
  label: string;
  hint?: string;
  testId?: string;
  values: string[];
  onChange: (values: string[]) => void;
}

/** A list that is typed with commas. The text stays as typed until the field is left. */
function Words({ label, hint, testId, values, onChange }: WordsProps) {
  const typed = useSignal<string | undefined>(undefined);
  return (
    <label>
      {label}
      <input
        type="text"
        autocomplete="off"
        spellcheck={false}
        data-testid={testId}
        value={typed.value ?? values.join(", ")}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          onChange(split(event.currentTarget.value));
        }}
        onBlur={() => {
          typed.value = undefined;
        }}
      />
      {hint && <small>{hint}</small>}
    </label>
  );
}

function Clients({ clients }: { clients: Client[] }) {
  const put = (at: number, client: Client) =>
    change({ clients: clients.map((other, index) => (index === at ? client : other)) });
  return (
    <details open={clients.length > 0}>
      <summary>Clients{clients.length > 0 ? ` (${clients.length})` : ""}</summary>
      {clients.map((client, at) => (
        <fieldset class="form" key={at}>
          <legend class="hidden">Client {at + 1}</legend>
          <label>
            Name
            <input
              type="text"
              autocomplete="off"
              value={client.name}
              onInput={(event) => put(at, { ...client, name: event.currentTarget.value })}
            />
          </label>
          <Words
            label="Importer numbers"
            values={client.importerNumbers}
            onChange={(importerNumbers) => put(at, { ...client, importerNumbers })}
          />
          <button
            type="button"
            class="quiet"
            onClick={() => change({ clients: clients.filter((_, index) => index !== at) })}
          >
            Remove client
          </button>
        </fieldset>
      ))}
      <button
        type="button"
        onClick={() => change({ clients: [...clients, { name: `Client ${clients.length + 1}`, importerNumbers: [] }] })}
      >
        Add a client
      </button>
    </details>
  );
}

function Configuration() {
  const text = configurationText.value;
  const errors = configurationErrors.value;
  return (
    <details open={errors.length > 0}>
      <summary>capelint.yaml</summary>
      <p class="soft">
        The form writes these settings to <code>capelint.yaml</code>, which the command line reads too. To load them
        next time, drop the file above.
      </p>
      <label>
        <span class="hidden">Text of capelint.yaml</span>
        <textarea
          class="code"
          rows={8}
          spellcheck={false}
          data-testid="configuration"
          value={text}
          onInput={(event) => setConfiguration(event.currentTarget.value)}
        />
      </label>
      {errors.length > 0 && <Diagnostics diagnostics={errors} />}
      <button type="button" disabled={text === ""} onClick={() => save("capelint.yaml", text)}>
        Download capelint.yaml
      </button>
    </details>
  );
}
