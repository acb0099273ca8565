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

export function Report({ html }: { html: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const parsed = new DOMParser().parseFromString(html, "text/html");
    const style = document.createElement("style");
    style.textContent = confined([...parsed.querySelectorAll("style")].map((one) => one.textContent).join("\n"));
    for (const dead of parsed.querySelectorAll("script:not([type]), style, meta, link, title, body > .skip")) dead.remove();
    element.replaceChildren(style, ...parsed.body.childNodes);
    runReportScript();
  }, [html]);
  return <div class="report" data-testid="entries" ref={place} />;
}

/** A style sheet that applies below `.report` only; rules for the whole page apply to that element. */
function confined(css: string): string {
  return `.report {\n${css.replace(/(^|[\s,{}])(:root|html|body)(?=[\s,{.:>])/g, "$1&")}\n}`;
}
