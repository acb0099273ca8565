declare module "virtual:report-script" {
  /** Makes the report in the document searchable. */
  export default function run(): void;
}

declare module "*?worker&inline" {
  const EngineWorker: new () => Worker;
  export default EngineWorker;
}
