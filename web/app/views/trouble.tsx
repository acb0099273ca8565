/** Errors in files, at their places. */
import type { Diagnostic } from "../protocol";
import type { Failure } from "../state";

export function Trouble({ failure }: { failure: Failure }) {
  return (
    <section class="trouble" role="alert" data-testid="failure">
      <h2>There is no result</h2>
      {failure.diagnostics.length > 0 ? (
        <Diagnostics diagnostics={failure.diagnostics} />
      ) : (
        <p class="pre">{failure.text}</p>
      )}
    </section>
  );
}

export function Diagnostics({ diagnostics }: { diagnostics: Diagnostic[] }) {
  return (
    <ul class="diagnostics">
      {diagnostics.map((diagnostic, at) => (
        <li key={at}>
          <span class="severity error">error</span> <code>{diagnostic.code}</code> {diagnostic.message}
          {diagnostic.file && (
            <>
              {" "}
              <span class="mono soft">
                {diagnostic.file}
                {diagnostic.line ? `:${diagnostic.line}:${diagnostic.column ?? 1}` : ""}
              </span>
            </>
          )}
          {diagnostic.help.map((help) => (
            <p class="soft" key={help}>
              {help}
            </p>
          ))}
        </li>
      ))}
    </ul>
  );
}
