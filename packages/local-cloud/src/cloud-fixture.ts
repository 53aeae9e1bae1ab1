import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Cloudflare from "cloudflare";
import { onTestFinished } from "vitest";
import { type Cloud, type CloudOptions, createCloud } from "./cloud.ts";

/** A module of a test's Worker: its source, or its bytes with their type. */
export type TestModule = string | { type: string; contents: string | Uint8Array<ArrayBuffer> };

/** A cloud of a test's own, with one account. */
export interface CloudFixture {
  readonly cloud: Cloud;
  readonly directory: string;
  readonly accountId: string;
  readonly client: Cloudflare;
  /** Calls the API below the account. Answers the envelope with its status. */
  readonly api: <Result = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<ApiAnswer<Result>>;
  /** Uploads a Worker. The first module is the main one; a text is `index.js`. */
  readonly upload: (
    script: string,
    code: string | Record<string, TestModule>,
    metadata?: Record<string, unknown>,
  ) => Promise<ApiAnswer<Record<string, unknown>>>;
  /** Asks a Worker at its address. */
  readonly fetch: (script: string, path?: string, init?: RequestInit) => Promise<Response>;
}

/** An answer of the API, parsed. */
interface ApiAnswer<Result = unknown> {
  readonly status: number;
  readonly result: Result;
  readonly errors: { code: number; message: string }[];
  readonly body: string;
  readonly headers: Headers;
}

/** @param options.directory a folder that outlives the test, which the test deletes. */
export async function startTestCloud(options: Partial<CloudOptions> = {}): Promise<CloudFixture> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "local-cloud-"));
  const cloud = await createCloud({ port: 0, ...options, directory });
  onTestFinished(async () => {
    await cloud.close();
    if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
  });
  const accountId = cloud.account({ name: "test", plan: "paid" }).id;
  const client = new Cloudflare({ apiToken: cloud.token, baseURL: cloud.apiUrl, maxRetries: 0 });
  const api: CloudFixture["api"] = async (method, path, body, headers) => {
    const response = await fetch(`${cloud.apiUrl}/accounts/${accountId}${path}`, {
      method,
      headers: { authorization: `Bearer ${cloud.token}`, ...headers },
      ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
    });
    return readAnswer(response);
  };
  return {
    cloud,
    directory,
    accountId,
    client,
    api,
    upload: (script, code, metadata) => api("PUT", `/workers/scripts/${script}`, uploadForm(code, metadata)),
    fetch: (script, path = "/", init = {}) => fetch(`${cloud.workerUrl(accountId, script)}${path}`, init),
  };
}

/** The multipart body of an upload. */
export function uploadForm(
  code: string | Record<string, TestModule>,
  metadata: Record<string, unknown> = {},
): FormData {
  const modules = typeof code === "string" ? { "index.js": code } : code;
  const form = new FormData();
  for (const [name, module] of Object.entries(modules)) {
    const { type, contents } =
      typeof module === "string" ? { type: "application/javascript+module", contents: module } : module;
    form.set(name, new File([contents], name, { type }));
  }
  const main = Object.keys(modules)[0];
  form.set("metadata", JSON.stringify({ main_module: main, compatibility_date: "2026-07-01", ...metadata }));
  return form;
}

async function readAnswer<Result>(response: Response): Promise<ApiAnswer<Result>> {
  const body = await response.text();
  const { status, headers } = response;
  const parsed = headers.get("content-type")?.includes("json") ? (JSON.parse(body) as Partial<ApiAnswer<Result>>) : {};
  return { status, headers, body, result: parsed.result as Result, errors: parsed.errors ?? [] };
}
