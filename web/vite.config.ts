/** Builds the page: one file, with the engine compressed inside, that may connect to nothing. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

const engine = "generated/engine_bg.wasm.gz";
const reportScript = "../src/report/html/script.js";

/** The script of the engine's HTML report, as a function that is run once a report is there. */
function reportScriptPlugin(): Plugin {
  const name = "virtual:report-script";
  return {
    name: "report-script",
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load: (id) => (id === `\0${name}` ? `export default function run() {\n${readFileSync(reportScript, "utf8")}\n}` : undefined),
  };
}

const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Puts script, style and engine into the page, and the policy that allows these and nothing else. */
function oneFile(): Plugin {
  return {
    name: "one-file",
    enforce: "post",
    generateBundle(_options, bundle) {
      const page = bundle["index.html"];
      if (page?.type !== "asset") throw new Error("Vite made no index.html");
      let html = String(page.source);
      const scripts: string[] = [];
      const styles: string[] = [];
      for (const [name, part] of Object.entries(bundle)) {
        if (part === page) continue;
        if (part.type === "chunk") scripts.push(part.code);
        else if (name.endsWith(".css")) styles.push(String(part.source));
        else throw new Error(`the page would need a second file, ${name}`);
        delete bundle[name];
      }
      if (scripts.length !== 1) throw new Error(`expected 1 script, found ${scripts.length}`);
      // `</script` inside a script would end it.
      // Vite fills in what a lazy import has to fetch first; in one file, nothing.
      const script = (scripts[0] ?? "")
        .trim()
        .replaceAll("__VITE_PRELOAD__", "void 0")
        .replaceAll("</script", "<\\/script");
      const style = styles.join("\n");
      const policy = [
        "default-src 'none'",
        `script-src ${hash(script)} 'wasm-unsafe-eval' blob:`,
        // CodeMirror and the report bring style elements of their own.
        "style-src 'unsafe-inline'",
        "img-src data:",
        "worker-src blob:",
        "connect-src 'none'",
        "form-action 'none'",
        "base-uri 'none'",
      ].join("; ");
      const compressed = readFileSync(engine).toString("base64");
      html = html
        .replace(/\s*<script type="module"[^>]*><\/script>/, "")
        .replace(/\s*<link rel="(stylesheet|modulepreload)"[^>]*>/g, "")
        .replace("%POLICY%", policy)
        .replace("</head>", () => `<style>${style}</style>\n  </head>`)
        .replace(
          "</body>",
          () => `  <script id="engine" type="text/plain">${compressed}</script>\n    <script type="module">${script}</script>\n  </body>`,
        );
      if (/(src|href)="(?!data:|#)/.test(html.replace(script, ""))) throw new Error("the page refers to another file");
      const limit = process.env["PROFILE"] === "dev" ? Infinity : 3_000_000;
      if (Buffer.byteLength(html) > limit) throw new Error(`the page has ${Buffer.byteLength(html)} bytes, over ${limit}`);
      page.fileName = "capelint.html";
      page.source = html;
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [reportScriptPlugin(), oneFile()],
  build: {
    // What README.md says; newer syntax is rewritten.
    target: ["chrome120", "firefox121", "safari17.2"],
    outDir: "dist",
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: false } },
  },
  worker: { format: "iife", rolldownOptions: { output: { codeSplitting: false } } },
});
