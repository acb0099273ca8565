/** Starts the check, shows how far it is, and cancels it. */
import { busy, cancel, cards, check, progress, ready, stale } from "../state";

export function Run() {
  const planned = !cards.value.some((card) => card.use === "declaration");
  return (
    <div class="run">
      <button
        type="button"
        class="main"
        data-testid="run"
        disabled={!ready.value || busy.value !== undefined}
        onClick={() => void check()}
      >
        {planned && ready.value ? "Check every entry of the export" : "Check"}
      </button>
      <div role="status" aria-live="polite">
        {busy.value !== undefined ? (
          <span>
            {busy.value}
            {progress.value ? `: ${progress.value.title}` : ""}
          </span>
        ) : !ready.value ? (
          <span class="soft">Provide an ES-003 or a declaration first.</span>
        ) : stale.value ? (
          <span class="warn">Something was changed after this result. Check again.</span>
        ) : null}
      </div>
      {busy.value !== undefined && (
        <>
          <progress aria-label={busy.value} max={1} {...(progress.value ? { value: progress.value.share } : {})} />
          <button type="button" data-testid="cancel" onClick={() => void cancel()}>
            Cancel
          </button>
        </>
      )}
    </div>
  );
}
