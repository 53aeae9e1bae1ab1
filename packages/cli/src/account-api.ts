import { config } from "@tenner/engine";
import * as z from "zod";
import type { StackReference } from "./local-stack.ts";
import { UserError } from "./user-error.ts";

const CLOUDFLARE = "https://api.cloudflare.com/client/v4";

const Envelope = z.looseObject({
  success: z.boolean(),
  result: z.unknown().optional(),
  errors: z.array(z.looseObject({ code: z.number().optional(), message: z.string() })).default([]),
});

/** Cloudflare's API refused a call. */
export class AccountApiError extends Error {
  override readonly name = "AccountApiError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Cloudflare's API, as the stack's own provider calls it: for a local stack the local cloud's. */
export interface AccountApi {
  readonly accountId: string;
  readonly baseUrl: string;
  /**
   * @param path below `/accounts/<id>`, or from the API's root when it begins with `//`
   * @returns the envelope's `result`; null for a 404
   * @throws AccountApiError, UserError when nothing listens
   */
  call(method: string, path: string, json?: unknown): Promise<unknown>;
  /**
   * What is behind a path as it is, such as an object's bytes; null for a 404.
   * @throws AccountApiError, UserError when nothing listens
   */
  read(path: string): Promise<Response | null>;
}

/** @throws UserError when the stack's settings name no account, or there is no token for it */
export async function openAccountApi(stack: StackReference): Promise<AccountApi> {
  const read = async (key: string) => (await config.get(stack, key))?.value;
  const accountId = await read("tenner:accountId");
  if (!accountId) throw new UserError(`Stack ${stack.stack} has no tenner:accountId. It was never started or set up.`);
  const baseUrl = (await read("cloudflare:baseUrl")) ?? process.env["CLOUDFLARE_BASE_URL"] ?? CLOUDFLARE;
  const token = (await read("cloudflare:apiToken")) ?? process.env["CLOUDFLARE_API_TOKEN"];
  if (!token) throw new UserError(`Stack ${stack.stack} needs an API token: export CLOUDFLARE_API_TOKEN=…`);
  return accountApi({ accountId, baseUrl, token });
}

/** An account's API by its address and token. */
export function accountApi(access: { accountId: string; baseUrl: string; token: string }): AccountApi {
  const { accountId, baseUrl, token } = access;
  const request = (method: string, path: string, json?: unknown) => {
    const address = baseUrl + (path.startsWith("//") ? path.slice(1) : `/accounts/${accountId}${path}`);
    return fetch(address, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(json !== undefined && { "content-type": "application/json" }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    }).catch((cause: unknown) => {
      throw new UserError(`${baseUrl} does not answer. A local stack's cloud is started with: npm start`, { cause });
    });
  };
  return {
    accountId,
    baseUrl,
    async read(path) {
      const response = await request("GET", path);
      if (response.status === 404) return null;
      if (response.ok) return response;
      throw new AccountApiError(response.status, `GET ${path}: HTTP ${response.status}`);
    },
    async call(method, path, json) {
      const response = await request(method, path, json);
      if (response.status === 404) return null;
      const answer = Envelope.safeParse(await response.json().catch(() => undefined));
      if (response.ok && answer.success && answer.data.success) return answer.data.result;
      const reasons = answer.data?.errors.map(({ code, message }) => (code ? `${message} (code ${code})` : message));
      throw new AccountApiError(response.status, reasons?.join("; ") || `${method} ${path}: HTTP ${response.status}`);
    },
  };
}
