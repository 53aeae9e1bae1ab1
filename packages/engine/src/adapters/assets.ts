import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, resolve, sep } from "node:path";
import type { AdapterContext, Properties } from "../adapter.ts";
import { multipart } from "./multipart.ts";
import { accountPath, members } from "./properties.ts";

/** Path below the site's root → what the API wants to know of the file. */
export type AssetManifest = Record<string, { hash: string; size: number }>;

/** The manifest of a folder: every file, hashed as the provider does (SHA-256, the first 32 hex digits). */
export async function assetManifest(directory: string): Promise<AssetManifest> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  const manifest: AssetManifest = {};
  for (const path of paths.sort()) {
    const content = await readFile(path);
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 32);
    manifest[`/${relative(directory, path).split(sep).join("/")}`] = { hash, size: content.length };
  }
  return manifest;
}

/** The state's `assets.assetManifestSha256`: of the compact JSON, keys sorted, as Go writes it. */
export function manifestHash(manifest: AssetManifest): string {
  const sorted = Object.fromEntries(
    Object.entries(manifest).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
  const json = JSON.stringify(sorted).replaceAll(
    /[<>&\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return createHash("sha256").update(json).digest("hex");
}

/** The folder of a script's or a version's `assets`, where it has one. */
export function assetDirectory(inputs: Properties, projectDirectory: string): string | undefined {
  const { directory } = members(inputs.assets);
  return typeof directory === "string" ? resolve(projectDirectory, directory) : undefined;
}

/**
 * Uploads what the API does not have yet of a folder.
 * @returns the completion token to send with the script
 * @see https://developers.cloudflare.com/workers/static-assets/direct-upload/
 */
export async function uploadAssets(
  { client }: AdapterContext,
  { inputs, scriptName, directory }: { inputs: Properties; scriptName: string; directory: string },
): Promise<string> {
  const manifest = await assetManifest(directory);
  const session = members(
    await client.request(
      "POST",
      `${accountPath(inputs)}/workers/scripts/${encodeURIComponent(scriptName)}/assets-upload-session`,
      { json: { manifest } },
    ),
  );
  const bearer = String(session.jwt);
  const buckets = Array.isArray(session.buckets) ? session.buckets.filter(Array.isArray) : [];
  if (buckets.length === 0) return bearer;

  const pathOf = new Map(Object.entries(manifest).map(([path, { hash }]) => [hash, path]));
  let completion: unknown;
  for (const bucket of buckets) {
    const parts = await Promise.all(
      bucket.map(async (hash) => {
        const path = pathOf.get(String(hash));
        if (path === undefined) throw new Error(`assets of ${scriptName}: the API asks for an unknown file, ${hash}`);
        const content = await readFile(join(directory, path));
        return {
          name: String(hash),
          filename: path.slice(1),
          contentType: mediaType(path),
          body: content.toString("base64"),
        };
      }),
    );
    const { body, headers } = multipart(parts);
    const answer = await client.request("POST", `${accountPath(inputs)}/workers/assets/upload?base64=true`, {
      body,
      headers,
      bearer,
    });
    completion = members(answer).jwt ?? completion;
  }
  if (typeof completion !== "string") throw new Error(`assets of ${scriptName}: no completion token after the upload`);
  return completion;
}

/** The content type the site will serve the file with. */
function mediaType(path: string): string {
  return MEDIA_TYPES[extname(path).toLowerCase()] ?? "application/octet-stream";
}

const MEDIA_TYPES: Record<string, string> = {
  ".avif": "image/avif",
  ".css": "text/css; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".gif": "image/gif",
  ".htm": "text/html; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/vnd.microsoft.icon",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".md": "text/markdown; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".mp4": "video/mp4",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
  ".xml": "text/xml; charset=utf-8",
};
