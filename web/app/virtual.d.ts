declare module "virtual:report-script" {
  /** Makes the report in the document searchable. */
  export default function run(): void;
}

declare module "*?worker&inline" {
  const EngineWorker: new () => Worker;
  export default EngineWorker;
}

/** Of workers only, so that the page's own types do not have it. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}
