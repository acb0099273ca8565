/** A message that CBP or ACE showed, in plain words. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { client, told } from "../state";

export function Explain() {
  const text = useSignal("");
  const said = useSignal("");
  useEffect(() => {
    const typed = text.value.trim();
    if (typed === "") {
      said.value = "";
      return;
    }
    const waiting = setTimeout(async () => {
      const answer = await client.call("explain", typed).catch((error) => told(error).text);
      if (text.peek().trim() === typed) said.value = answer;
    }, 150);
    return () => clearTimeout(waiting);
  }, [text.value]);
  return (
    <section aria-labelledby="messages">
      <h2 id="messages">CBP messages</h2>
      <label>
        Paste a message or a code that CBP or ACE showed, or the name of a rule
        <textarea
          rows={2}
          spellcheck={false}
          data-testid="explain-input"
          placeholder="ENTRY SUMMARY IS IN FINAL LIQUIDATION STATUS"
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
      </label>
      <output class="pre" data-testid="explain-output" aria-live="polite">
        {said.value}
      </output>
    </section>
  );
}
