import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AdapterContext, Properties } from "../adapter.ts";
import { CloudflareClient } from "../cloudflare-client.ts";

/** One exchange of the real provider with the API, as `traces/*.jsonl` has it. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query?: Record<string, string>;
  /** Only those that matter: content type, R2's, and the session token of an asset upload. */
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly status: number;
  readonly contentType?: string;
  readonly response: unknown;
}

/** What the real provider kept of a resource. */
export interface RecordedResource {
  readonly type: string;
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

const BASE = "http://recorded.invalid";

/** Reads `<name>.jsonl` of testdata. */
export function recording(name: string): Exchange[] {
  return lines(name) as Exchange[]; // written by the recorder
}

/** Reads one JSON value a line. */
export function lines(name: string): unknown[] {
  const file = fileURLToPath(new URL(`testdata/${name}.jsonl`, import.meta.url));
  return readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line));
}

/** The resources of the recorded stacks, by name. */
export function recordedResource(name: string): RecordedResource {
  const file = fileURLToPath(new URL("testdata/resources.json", import.meta.url));
  const all = JSON.parse(readFileSync(file, "utf8")) as Record<string, RecordedResource>; // written by the recorder
  const found = all[name];
  if (!found) throw new Error(`no recorded resource ${name}`);
  return found;
}

/** A context whose client answers from a recording and remembers what it was asked. */
export function recordedApi(exchanges: readonly Exchange[], projectDirectory = "/nowhere") {
  const requests: Exchange[] = [];
  const client = new CloudflareClient({ baseUrl: BASE, apiToken: "recorded-token", maxRetries: 0 });
  const context: AdapterContext = { client, projectDirectory, signal: new AbortController().signal };
  const answer = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const found = exchanges.find(({ method, path }) => method === request.method && path === url.pathname);
    requests.push(await described(request, url, found));
    if (!found)
      return Response.json({ success: false, errors: [{ code: 7003, message: "not recorded" }] }, { status: 404 });
    if (found.contentType?.startsWith("multipart/")) return multipartResponse(found.response);
    return Response.json(found.response, { status: found.status });
  };
  return { context, requests, fetch: answer };
}

async function described(request: Request, url: URL, found: Exchange | undefined): Promise<Exchange> {
  const kept = ["content-type", "cf-r2-jurisdiction", "cf-r2-storage-class", "authorization"];
  const headers: Record<string, string> = {};
  for (const name of kept) {
    const value = request.headers.get(name)?.split(";")[0];
    if (value !== undefined && value !== "Bearer recorded-token") headers[name] = value;
  }
  const text = await request.text();
  const type = request.headers.get("content-type") ?? "";
  const body =
    text === "" ? undefined : type.startsWith("multipart/") ? parts(text, type) : (JSON.parse(text) as unknown);
  return {
    method: request.method,
    path: url.pathname,
    ...(url.search && { query: Object.fromEntries(url.searchParams) }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(body !== undefined && { body }),
    status: found?.status ?? 404,
    ...(found?.contentType && { contentType: found.contentType }),
    response: found?.response,
  };
}

/** A form as the recorder writes it: a list of its parts, the metadata parsed. */
function parts(text: string, contentType: string): unknown[] {
  const boundary = contentType.slice(contentType.indexOf("boundary=") + "boundary=".length);
  return text
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const end = part.indexOf("\r\n\r\n");
      const head = part.slice(0, end);
      const body = part.slice(end + 4, -2);
      const filename = / filename="([^"]*)"/.exec(head)?.[1];
      const type = /content-type: (.*)/i.exec(head)?.[1];
      return {
        name: / name="([^"]*)"/.exec(head)?.[1],
        ...(filename !== undefined && { filename }),
        content_type: type,
        body: type === "application/json" && filename === undefined ? (JSON.parse(body) as unknown) : body,
      };
    });
}

function multipartResponse(recorded: unknown): Response {
  const form = new FormData();
  for (const part of recorded as { name: string; filename: string; content_type: string; body: string }[]) {
    form.append(part.name, new Blob([part.body], { type: part.content_type }), part.filename);
  }
  return new Response(form);
}
