import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Stock } from "./prices.ts";

/** Where workerd and Miniflare keep the data of a product, below an account's folder. */
const FOLDERS = {
  "durable_objects.stored_gb": "do",
  "d1.stored_gb": "d1",
  "kv.stored_gb": "kv",
  "r2.stored_gb": "r2",
} as const satisfies Partial<Record<Stock, string>>;

/** What each product keeps of an account, in GB: the size of its files, which is somewhat more than Cloudflare counts. */
export async function storedGigabytes(accountFolder: string): Promise<Partial<Record<Stock, number>>> {
  const sizes = Object.entries(FOLDERS).map(async ([stock, folder]) => [
    stock,
    (await bytesIn(join(accountFolder, folder))) / 1e9,
  ]);
  return Object.fromEntries(await Promise.all(sizes)) as Partial<Record<Stock, number>>;
}

async function bytesIn(folder: string): Promise<number> {
  if (!existsSync(folder)) return 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries.map(async (entry) => {
    if (!entry.isFile()) return 0;
    // What is deleted meanwhile has no size.
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
    return found?.size ?? 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
