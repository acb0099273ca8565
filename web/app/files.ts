/** Downloads, folders that are dropped, and how sizes are written. */
import { Zip, ZipDeflate } from "fflate";
import type { Output } from "./protocol";

/** Hands a file to the browser's downloads. */
export function save(name: string, content: Blob | string) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content]));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has begun to read it by then, however slow the disk is.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** One ZIP of several files, made piece by piece: no file is held whole. */
export async function zipped(files: Output[]): Promise<Blob> {
  const parts: Blob[] = [];
  const zip = new Zip((error, part) => {
    if (error) throw error;
    parts.push(new Blob([part as Uint8Array<ArrayBuffer>]));
  });
  for (const { name, blob } of files) {
    const entry = new ZipDeflate(name, { level: 6 });
    entry.mtime = new Date(2026, 0, 1);
    zip.add(entry);
    for (let at = 0; at < blob.size; at += PIECE) {
      entry.push(new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer()));
    }
    entry.push(new Uint8Array(), true);
  }
  zip.end();
  return new Blob(parts, { type: "application/zip" });
}

/** How many bytes of a file are compressed at a time. */
const PIECE = 1 << 18;

interface Picker {
  showDirectoryPicker?: (options: { mode: "readwrite" }) => Promise<FileSystemDirectoryHandle>;
}

/** Whether the browser can write into a folder that the user names. */
export const folders = () => typeof (window as Picker).showDirectoryPicker === "function";

/** Writes into a folder that the user names; nothing where a file of that name is there already. */
export async function saveToFolder(files: Output[]): Promise<string> {
  const folder = await (window as Picker).showDirectoryPicker?.({ mode: "readwrite" });
  if (!folder) return "";
  for (const { name } of files) {
    const { folder: parent, last } = await within(folder, name, false);
    const there = await parent?.getFileHandle(last).then(
      () => true,
      () => false,
    );
    if (there) throw new Error(`${name} exists in this folder; choose an empty folder`);
  }
  for (const { name, blob } of files) {
    const { folder: parent, last } = await within(folder, name, true);
    const file = await parent?.getFileHandle(last, { create: true });
    const out = await file?.createWritable();
    await out?.write(blob);
    await out?.close();
  }
  return folder.name;
}

async function within(folder: FileSystemDirectoryHandle, path: string, create: boolean) {
  const parts = path.split("/");
  const last = parts.pop() ?? path;
  let at: FileSystemDirectoryHandle | undefined = folder;
  for (const part of parts) {
    at = await at?.getDirectoryHandle(part, { create }).catch(() => undefined);
  }
  return { folder: at, last };
}

/** The files of a drop, also those in dropped folders. */
export async function dropped(data: DataTransfer): Promise<File[]> {
  const roots = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (roots.length === 0) return [...data.files];
  const files: File[] = [];
  const take = async (entry: FileSystemEntry): Promise<void> => {
    if (entry.isFile) {
      files.push(await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)));
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (;;) {
      // A reader gives a folder in parts, and an empty part at its end.
      const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (part.length === 0) return;
      for (const inside of part) await take(inside);
    }
  };
  for (const root of roots) await take(root);
  return files.filter((file) => !file.name.startsWith("."));
}

const units = ["bytes", "KB", "MB", "GB"];

/** `12.3 MB`. */
export function size(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `9,999`. */
export const thousands = (count: number) => count.toLocaleString("en-US");

/** `1 entry`, `9,999 entries`. */
export const counted = (count: number, one: string, many: string) => `${thousands(count)} ${count === 1 ? one : many}`;

/** Today in US Eastern time, in which CBP counts days. */
export function easternDay(now = new Date()): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: "America/New_York", dateStyle: "short" }).format(now);
}
