/**
 * The engine's own HTML report, in the page: not another implementation of it.
 *
 * The report is a document of its own. Its content is moved into the page, its style is confined to it,
 * and its script, which the page was built with, is run on it. Nothing that the report contains runs by
 * being put into the page: scripts that are parsed this way are dead, and the page's security policy
 * forbids inline handlers.
 */
import { useEffect, useRef } from "preact/hooks";
import runReportScript from "virtual:report-script";

export function Report({ html }: { html: Blob }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let isWanted = true;
    let end = () => undefined as void;
    void html.arrayBuffer().then((bytes) => {
      if (isWanted && place.current) end = show(place.current, new Uint8Array(bytes));
    });
    return () => {
      isWanted = false;
      end();
    };
  }, [html]);
  return <div class="report" data-testid="entries" ref={place} />;
}

/**
 * Shows a report, and of its list only the parts that are near the window: thousands of rows take more memory than
 * everything else of the page. The others stay texts, and are put in when the report's script asks for all rows
 * (`rows`), and for printing.
 */
function show(element: HTMLElement, report: Uint8Array): () => void {
  const { text, parts } = apart(report);
  const parsed = new DOMParser().parseFromString(text, "text/html");
  const style = document.createElement("style");
  style.textContent = confined([...parsed.querySelectorAll("style")].map((one) => one.textContent).join("\n"));
  for (const dead of parsed.querySelectorAll("script:not([type]), style, meta, link, title, body > .skip")) dead.remove();
  element.replaceChildren(style, ...parsed.body.childNodes);

  const lists = [...element.querySelectorAll<HTMLElement>(".entries.part")];
  const fill = (list: HTMLElement) => {
    const rows = parts[lists.indexOf(list)];
    if (!list.firstChild && rows) list.innerHTML = decoder.decode(rows);
    list.style.height = "";
  };
  const clear = (list: HTMLElement) => {
    // What is open in it stays, and so does what has the focus.
    if (!list.firstChild || list.querySelector("details[open], :focus")) return;
    list.style.height = `${list.offsetHeight}px`;
    list.replaceChildren();
  };
  const near = new IntersectionObserver(
    (seen) => {
      for (const { target, isIntersecting } of seen) (isIntersecting ? fill : clear)(target as HTMLElement);
    },
    { rootMargin: "1500px" },
  );
  for (const list of lists) {
    // As much as the report's style assumes of rows that it passes over.
    list.style.height = "675rem";
    near.observe(list);
  }
  const fillAll = () => {
    near.disconnect();
    lists.forEach(fill);
  };
  const again = () => {
    for (const list of lists) near.observe(list);
  };
  const find = element.querySelector("#find");
  let isSearched = false;
  find?.addEventListener(
    "rows",
    () => {
      isSearched = true;
      fillAll();
    },
    { once: true },
  );
  const unprint = () => {
    if (!isSearched) again();
  };
  addEventListener("beforeprint", fillAll);
  addEventListener("afterprint", unprint);
  // The report of totals, of an export with very many entries, has no list to search.
  if (find) runReportScript();
  return () => {
    near.disconnect();
    removeEventListener("beforeprint", fillAll);
    removeEventListener("afterprint", unprint);
    document.onkeydown = null;
    element.replaceChildren();
  };
}

const decoder = new TextDecoder();
const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const OPEN = ascii('<ul class="entries ');
const CLOSE = ascii("</ul>");

/** A report without the rows of full lists, and these, still as bytes: as texts they would be twice as large. */
function apart(report: Uint8Array): { text: string; parts: Uint8Array[] } {
  const parts: Uint8Array[] = [];
  let text = "";
  let from = 0;
  for (;;) {
    const list = find(report, OPEN, from);
    if (list < 0) return { text: text + decoder.decode(report.subarray(from)), parts };
    const rows = report.indexOf(0x3e, list) + 1;
    text += decoder.decode(report.subarray(from, rows));
    from = rows;
    if (/ part[ "]/.test(decoder.decode(report.subarray(list, rows)))) {
      from = find(report, CLOSE, rows);
      parts.push(report.subarray(rows, from));
    }
  }
}

/** Where some bytes are in others, at or after an offset; -1 where they are not. */
function find(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  const first = wanted[0] ?? 0;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, offset) => bytes[at + offset] === byte)) return at;
  }
  return -1;
}

/** A style sheet that applies below `.report` only; rules for the whole page apply to that element. */
function confined(css: string): string {
  return `.report {\n${css.replace(/(^|[\s,{}])(:root|html|body)(?=[\s,{.:>])/g, "$1&")}\n}`;
}
