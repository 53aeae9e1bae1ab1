import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { HostListener } from "../../../core/service.ts";
import { refusal } from "./answer.ts";
import { optionsOfHeaders } from "./call-options.ts";
import type { GatewayCall } from "./gateway-call.ts";
import { invalidCall, notEmulatedByGateway } from "./gateway-error.ts";
import { parseBody, providerKey, type ReadHeader, universalSteps } from "./read-call.ts";
import { type ServeCall, Unreachable } from "./serve-call.ts";
import { writeAnswer } from "./write-answer.ts";

/** Bytes of a request. */
const MAX_BODY = 100 * 1024 * 1024;
/** `/v1/{account}/{gateway}`, and for one provider `/{provider}/{endpoint}`. */
const PATH = /^\/v1\/([^/]+)\/([^/]+)(?:\/?|\/([^/]+)\/(.+))$/;

/**
 * What answers at `gateway.ai.cloudflare.com`, written for Node's own server: every call of every client passes here,
 * and a framework's request and response cost as much again as the gateway's own work.
 *
 * @param token the account's API token, as callers of a gateway with authentication must show it.
 * @see https://developers.cloudflare.com/ai-gateway/usage/providers/
 */
export function hostListener(serve: ServeCall, token: string): HostListener {
  const isToken = tokenCheck(token);

  async function answer(request: IncomingMessage, signal: AbortSignal) {
    const path = (request.url ?? "").replace(/\?.*$/, "");
    const found = request.method === "POST" ? PATH.exec(path) : null;
    if (found === null) throw notEmulatedByGateway(`AI Gateway's ${request.method} ${path}`);
    const [account = "", gateway = "", provider, endpoint] = found.slice(1).map(decoded);
    const header = readHeader(request.headers);
    const options = optionsOfHeaders(header);
    const text = await textOf(request);
    const steps: GatewayCall["steps"] =
      provider === undefined || endpoint === undefined
        ? universalSteps(parseBody(text), options, isToken)
        : [{ provider, endpoint, query: parseBody(text), text, key: providerKey(header, isToken), options }];
    const shown = [header("cf-aig-authorization"), header("authorization")];
    const authorized = shown.some((value) => value !== undefined && isToken(value));
    return serve({ entrance: "host", accountId: account, gatewayId: gateway, authorized, steps, signal });
  }

  return (request, response) => {
    const caller = new AbortController();
    response.on("close", () => {
      if (!response.writableFinished) caller.abort();
    });
    answer(request, caller.signal)
      .catch((error: unknown) => (error instanceof Unreachable ? undefined : refusal(error, "host")))
      .then((given) => (given ? writeAnswer(response, given) : void request.socket.destroy()))
      .catch((error: unknown) => {
        console.error("AI Gateway: an answer was not written:", error);
        response.destroy();
      });
  };
}

/** A header that came several times counts once, as its first. */
const readHeader =
  (headers: IncomingHttpHeaders): ReadHeader =>
  (name) => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };

function decoded(part: string | undefined): string | undefined {
  try {
    return part?.includes("%") ? decodeURIComponent(part) : part;
  } catch {
    throw invalidCall(`the address is not well-formed: "${part}"`);
  }
}

function textOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size <= MAX_BODY) chunks.push(chunk);
      else reject(invalidCall(`the request is larger than ${MAX_BODY} bytes`));
    });
    request.on("end", () => resolve(Buffer.concat(chunks).toString()));
    request.on("error", reject);
  });
}

/** Says whether a header's value is `Bearer` with the token, in the same time for every wrong one of its length. */
function tokenCheck(token: string): (value: string) => boolean {
  const wanted = Buffer.from(token);
  return (value) => {
    const given = Buffer.from(value.replace(/^Bearer /i, ""));
    return given.byteLength === wanted.byteLength && timingSafeEqual(given, wanted);
  };
}
