/** Files come in here, each as a card with what it was taken for. */
import { useSignal } from "@preact/signals";
import { counted, dropped, size } from "../files";
import type { Use } from "../protocol";
import { about, addFiles, type Card, cards, change, removeFile, settings, setUse } from "../state";

export function Files() {
  const over = useSignal(false);
  const take = (files: File[]) => void addFiles(files);
  return (
    <section aria-labelledby="your-files">
      <h2 id="your-files">Your files</h2>
      <label
        class={`drop ${over.value ? "over" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          over.value = true;
        }}
        onDragLeave={() => {
          over.value = false;
        }}
        onDrop={async (event) => {
          event.preventDefault();
          over.value = false;
          if (event.dataTransfer) take(await dropped(event.dataTransfer));
        }}
      >
        <input
          type="file"
          multiple
          data-testid="drop"
          onChange={(event) => {
            take([...(event.currentTarget.files ?? [])]);
            // The same file can be chosen again after it was corrected.
            event.currentTarget.value = "";
          }}
        />
        <strong>Drop files here, or choose them</strong>
        <span>
          Start with the ES-003 (Entry Summary Line Tariff Details) from ACE Reports, as XLSX or CSV. If you have a
          declaration, Claim Details or other lists, drop them too.
        </span>
        <span class="promise">
          Your files stay on this computer. The security policy of this page forbids every network connection.
        </span>
      </label>
      {cards.value.length > 0 && (
        <ul class="cards" aria-label="Files">
          {cards.value.map((card) => (
            <FileCard key={card.id} card={card} />
          ))}
        </ul>
      )}
    </section>
  );
}

function FileCard({ card }: { card: Card }) {
  const name = card.file.name;
  return (
    <li class={`card ${card.trouble ? "trouble" : ""}`} data-testid="card">
      <div class="card-head">
        <code>{name}</code>
        <button type="button" class="quiet" aria-label={`Remove ${name}`} onClick={() => void removeFile(card.id)}>
          Remove
        </button>
      </div>
      <label>
        <span class="hidden">Use {name} as</span>
        <select value={card.use} onChange={(event) => void setUse(card.id, event.currentTarget.value as Use)}>
          <option value="declaration">CAPE declaration, or planning sheet</option>
          {about.value?.tables.map((table) => (
            <option key={table.name} value={`table:${table.name}`}>
              {table.title}
            </option>
          ))}
          <option value="none">Do not use this file</option>
        </select>
      </label>
      <p class="soft">{facts(card)}</p>
      {card.use.startsWith("table:") && !card.trouble && <Exported card={card} />}
      {card.note && <p class="soft">{card.note}</p>}
      {card.trouble && (
        <p class="bad" role="alert">
          {card.trouble}
        </p>
      )}
    </li>
  );
}

/** The day of an export: what the file says, or what the user knows better. */
function Exported({ card }: { card: Card }) {
  const table = card.use.slice("table:".length);
  const { exported } = settings.value;
  return (
    <label class="exported">
      Exported on
      <span class="hidden"> ({card.file.name})</span>
      <input
        type="date"
        value={exported[table] ?? card.counted?.exported ?? ""}
        onChange={(event) => {
          const { [table]: _before, ...others } = exported;
          const day = event.currentTarget.value;
          change({ exported: day === "" ? others : { ...others, [table]: day } });
        }}
      />
    </label>
  );
}

function facts(card: Card): string {
  if (card.trouble || card.use === "none") return size(card.file.size);
  if (!card.counted) return `${size(card.file.size)}, counting entries`;
  const { entries, rows } = card.counted;
  const exported = settings.value.exported[card.use.slice("table:".length)] ?? card.counted.exported;
  const parts = [counted(entries, "entry", "entries"), counted(rows, "row", "rows")];
  if (exported) parts.push(`exported ${exported}`);
  return parts.join(", ");
}
