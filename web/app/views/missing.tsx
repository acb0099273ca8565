/** What was not provided, what that leaves open, and how to say that there is nothing to list. */
import { counted } from "../files";
import type { Missing as Cause, RuleName } from "../protocol";
import { about, cards, change, checked, settings, stale } from "../state";

export function Missing() {
  const provided = new Set(cards.value.map((card) => card.use));
  const { none, role } = settings.value;
  const tables = about.value?.tables.filter((table) => !provided.has(`table:${table.name}`)) ?? [];
  // What a check that is out of date said of them may be wrong by now.
  const causes = stale.value ? [] : (checked.value?.missing ?? []);
  const others = causes.filter((cause) => !cause.table && !cause.setting);
  // Before the first file, nothing is expected.
  if (cards.value.length === 0 || (tables.length === 0 && others.length === 0)) return null;
  return (
    <section aria-labelledby="missing" data-testid="missing">
      <h2 id="missing">Not provided</h2>
      <p class="soft">
        Every list is optional. Without one, its rules are not checked, or the entries that need it stay undecided and are
        held back. If there is nothing to list, tick the box: then its rules are decided.
      </p>
      <ul class="tables">
        {role === "" && (
          <Item
            title="Account that files"
            rules={[]}
            state={state(
              causes.find((cause) => cause.setting === "role"),
              "The rules on the account's importers and filer codes are not checked.",
            )}
          />
        )}
        {tables.map((table) => {
          const isNone = none.includes(table.name);
          const before = `${counted(table.rules.length, "rule reads", "rules read")} it.`;
          return (
            <Item
              key={table.name}
              title={table.title}
              rules={table.rules}
              state={isNone ? "You stated that there is nothing to list." : state(causes.find((cause) => cause.table === table.name), before)}
            >
              {table.name !== "es003" && (
                <label class="check">
                  <input
                    type="checkbox"
                    checked={isNone}
                    onChange={(event) =>
                      change({
                        none: event.currentTarget.checked ? [...none, table.name] : none.filter((other) => other !== table.name),
                      })
                    }
                  />
                  Nothing to list<span class="hidden"> for {table.title}</span>
                </label>
              )}
            </Item>
          );
        })}
        {others.map((cause) => (
          <Item key={cause.text} title={cause.text} rules={[...cause.rules, ...cause.elsewhere]} state={`${state(cause, "")} Next step: ${cause.help}.`} />
        ))}
      </ul>
    </section>
  );
}

/** What is open without it, after a check; before one, what is known of it beforehand. */
function state(cause: Cause | undefined, before: string): string {
  if (!checked.value || stale.value || !cause) return before;
  const said = [];
  const { entries, rules, elsewhere } = cause;
  if (entries > 0) said.push(`${counted(entries, "entry is undecided and held back", "entries are undecided and held back")} without it.`);
  else if (rules.length > 0) said.push(`${counted(rules.length, "rule is", "rules are")} not checked without it.`);
  if (elsewhere.length > 0) said.push(`${counted(elsewhere.length, "rule was", "rules were")} decided without it, by the other sources.`);
  return said.join(" ") || before;
}

interface ItemProps {
  title: string;
  state: string;
  rules: RuleName[];
  children?: preact.ComponentChildren;
}

function Item({ title, state, rules, children }: ItemProps) {
  return (
    <li>
      <div>
        <strong>{title}</strong>
        <p class="soft">{state}</p>
        {rules.length > 0 && (
          <details>
            <summary>
              Its rules<span class="hidden"> ({title})</span>
            </summary>
            <ul class="plain soft">
              {rules.map((rule) => (
                <li key={rule.id}>
                  {rule.title} <code>{rule.id}</code>
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
      {children}
    </li>
  );
}
