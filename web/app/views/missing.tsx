/** Lists that were not provided, and what that leaves open. */
import { about, cards, change, checked, settings } from "../state";

export function Missing() {
  const provided = new Set(cards.value.map((card) => card.use));
  const tables = about.value?.tables.filter((table) => !provided.has(`table:${table.name}`)) ?? [];
  const none = settings.value.none;
  if (tables.length === 0) return null;
  return (
    <section aria-labelledby="missing">
      <h2 id="missing">Not provided</h2>
      <p class="soft">
        A rule that reads a list is undecided or not checked until you provide the list, or state that there is nothing
        to list.
      </p>
      <ul class="tables">
        {tables.map((table) => (
          <li key={table.name}>
            <details>
              <summary>{table.title}</summary>
              <p class="soft">
                Rules that read it: <code>{table.rules.join(", ")}</code>
              </p>
            </details>
            {table.name !== "es003" && (
              <label class="check">
                <input
                  type="checkbox"
                  checked={none.includes(table.name)}
                  onChange={(event) =>
                    change({
                      none: event.currentTarget.checked
                        ? [...none, table.name]
                        : none.filter((other) => other !== table.name),
                    })
                  }
                />
                Nothing to list<span class="hidden"> for {table.title}</span>
              </label>
            )}
          </li>
        ))}
      </ul>
      {checked.value && checked.value.missing.length > 0 && (
        <>
          <h3>What this left open</h3>
          <ul class="plain">
            {checked.value.missing.map((cause) => (
              <li key={cause.text}>
                {cause.text}
                <br />
                <span class="soft">{cause.help}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
