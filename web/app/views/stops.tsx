/** Stopped entries, and the waivers that accept them. */
import { useSignal } from "@preact/signals";
import * as configuration from "../configuration";
import { counted } from "../files";
import type { Checked, Stop } from "../protocol";
import { busy, configurationText, filingDate, lift, restore } from "../state";

export function Stops({ result }: { result: Checked }) {
  const waivers = configuration.waivers(configurationText.value);
  if (result.stops.length === 0 && waivers.length === 0) return null;
  return (
    <section aria-labelledby="stops" data-testid="stops">
      <h2 id="stops" tabIndex={-1}>Stops</h2>
      {result.stops.length > 0 && (
        <p class="soft">
          CBP would accept these entries, but filing them now does harm that cannot be undone, or the evidence cannot be
          relied on. A person decides first. To accept an entry, give the reason: it becomes a waiver in capelint.yaml.
        </p>
      )}
      <ul class="stops">
        {result.stops.map((stop) => (
          <StopItem key={`${stop.rule} ${stop.entry}`} stop={stop} />
        ))}
      </ul>
      {result.moreStops > 0 && <p class="soft">{counted(result.moreStops, "more stop is", "more stops are")} in the report.</p>}
      {waivers.length > 0 && (
        <>
          <h3>Accepted by you</h3>
          <ul class="plain">
            {waivers.map((waiver, at) => (
              <li key={at}>
                <code>{waiver.rule}</code>, {waiver.entries.join(", ")}, until {waiver.until}: {waiver.reason}{" "}
                <button
                  type="button"
                  class="quiet"
                  disabled={busy.value !== undefined}
                  onClick={() => void restore(at)}
                >
                  Undo<span class="hidden"> the waiver of {waiver.entries.join(", ")}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** Thirty days after a date: a waiver ends, so that a person reviews it. */
function later(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return "";
  date.setUTCDate(date.getUTCDate() + 30);
  return date.toISOString().slice(0, 10);
}

function StopItem({ stop }: { stop: Stop }) {
  const reason = useSignal("");
  const until = useSignal(later(filingDate.value));
  return (
    <li>
      <details>
        <summary>
          <span class="mono">{stop.entry}</span> {stop.message}
        </summary>
        {stop.help && <p>{stop.help}</p>}
        <p class="soft">
          {stop.title} <code>{stop.rule}</code>
        </p>
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            void lift({ rule: stop.rule, entries: [stop.entry], reason: reason.value.trim(), until: until.value });
          }}
        >
          <label>
            Reason
            <input
              type="text"
              required
              pattern=".*\S.*"
              data-testid="stop-reason"
              value={reason.value}
              onInput={(event) => {
                reason.value = event.currentTarget.value;
              }}
            />
          </label>
          <label>
            Accepted until
            <input
              type="date"
              required
              min={filingDate.value}
              value={until.value}
              onInput={(event) => {
                until.value = event.currentTarget.value;
              }}
            />
          </label>
          <button type="submit" data-testid="stop-accept" disabled={busy.value !== undefined}>
            Accept this entry
          </button>
        </form>
      </details>
    </li>
  );
}
