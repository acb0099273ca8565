/** The editor of house rules. Loaded only when it comes into view. */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { defaultHighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic as Mark, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import type { Diagnostic } from "./protocol";

export interface EditorHandle {
  setText(text: string): void;
  setErrors(errors: Diagnostic[]): void;
  close(): void;
}

/** Opens an editor. Tab moves on to the next control, as everywhere on the page. */
export function open(parent: HTMLElement, text: string, changed: (text: string) => void): EditorHandle {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        indentOnInput(),
        highlightActiveLine(),
        yaml(),
        syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
        lintGutter(),
        keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
        EditorView.contentAttributes.of({ "data-testid": "rules-editor", "aria-label": "House rules" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    setText(next) {
      const now = view.state.doc.toString();
      if (next !== now) view.dispatch({ changes: { from: 0, to: now.length, insert: next } });
    },
    setErrors(errors) {
      view.dispatch(setDiagnostics(view.state, errors.map((error) => mark(view.state, error))));
    },
    close: () => view.destroy(),
  };
}

/** An error at its place; one without a place is shown at the first line. */
function mark(state: EditorState, error: Diagnostic): Mark {
  const number = Math.min(Math.max(error.line ?? 1, 1), state.doc.lines);
  const line = state.doc.line(number);
  const characters = [...line.text];
  const width = (count: number) => characters.slice(0, count).join("").length;
  const from = line.from + width((error.column ?? 1) - 1);
  const length = error.to !== undefined && error.from !== undefined ? error.to - error.from : 0;
  return {
    from,
    to: Math.max(from, Math.min(from + length, state.doc.length)),
    severity: "error",
    source: error.code,
    message: [error.message, ...error.help].join("\n"),
  };
}
