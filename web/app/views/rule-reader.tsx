/** Every rule, to be read. */
import { useSignal } from "@preact/signals";
import type { RuleText } from "../protocol";
import { client, houseFiles, told } from "../state";

export function RuleReader() {
  const rules = useSignal<RuleText[]>([]);
  const words = useSignal("");
  const trouble = useSignal("");
  const load = async () => {
    try {
      rules.value = await client.call("rules", houseFiles());
      trouble.value = "";
    } catch (error) {
      trouble.value = told(error).text;
    }
  };
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = rules.value.filter((rule) => {
    const text = `${rule.id} ${rule.title} ${rule.text}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  return (
    <section aria-labelledby="reader">
      <h2 id="reader">Rules</h2>
      <details
        onToggle={(event) => {
          if (event.currentTarget.open) void load();
        }}
      >
        <summary>Read the rules and their sources</summary>
        <label>
          Search the rules
          <input
            type="search"
            value={words.value}
            onInput={(event) => {
              words.value = event.currentTarget.value;
            }}
          />
        </label>
        <p class="soft" role="status">
          {rules.value.length > 0 && `${shown.length} of ${rules.value.length} rules`}
          {trouble.value}
        </p>
        <ul class="rules">
          {shown.map((rule) => (
            <li key={rule.id}>
              <details>
                <summary>
                  <span class={`severity ${rule.severity}`}>{rule.severity}</span> {rule.title}{" "}
                  <code class="soft">{rule.id}</code>
                </summary>
                <p class="pre">{rule.text}</p>
              </details>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}
