import { timingSafeEqual } from "node:crypto";
import { type Context, Hono } from "hono";
import { refusal } from "./answer.ts";
import { optionsOfHeaders } from "./call-options.ts";
import { dropConnection } from "./drop-connection.ts";
import type { GatewayCall, Step } from "./gateway-call.ts";
import { notEmulatedByGateway } from "./gateway-error.ts";
import { parseBody, providerKey, universalSteps } from "./read-call.ts";
import { Unreachable } from "./serve-call.ts";

/** Serves a call. @throws {Unreachable} */
export type ServeCall = (call: GatewayCall) => Promise<Response>;

/**
 * What answers at `gateway.ai.cloudflare.com`.
 *
 * @param token the account's API token, as callers of a gateway with authentication must show it.
 * @see https://developers.cloudflare.com/ai-gateway/usage/providers/
 */
export function hostRoutes(serve: ServeCall, token: string): Hono {
  const isToken = tokenCheck(token);
  const app = new Hono();
  app.onError((error, context) => (error instanceof Unreachable ? dropConnection(context) : refusal(error, "host")));
  app.post("/v1/:account/:gateway/:provider/:endpoint{.+}", async (context) => {
    const header = (name: string) => context.req.header(name);
    const options = optionsOfHeaders(header);
    const text = await context.req.text();
    const step: Step = {
      provider: context.req.param("provider"),
      endpoint: context.req.param("endpoint"),
      query: parseBody(text),
      text,
      key: providerKey(header, isToken),
      options,
    };
    return serve(callOf(context, [step]));
  });
  app.on("POST", ["/v1/:account/:gateway", "/v1/:account/:gateway/"], async (context) => {
    const options = optionsOfHeaders((name) => context.req.header(name));
    const steps = universalSteps(parseBody(await context.req.text()), options, isToken);
    return serve(callOf(context, steps));
  });
  app.all("*", (context) => {
    throw notEmulatedByGateway(`AI Gateway's ${context.req.method} ${context.req.path}`);
  });

  function callOf(context: Context, steps: GatewayCall["steps"]): GatewayCall {
    const shown = [context.req.header("cf-aig-authorization"), context.req.header("authorization")];
    return {
      entrance: "host",
      accountId: context.req.param("account") ?? "",
      gatewayId: context.req.param("gateway") ?? "",
      authorized: shown.some((value) => value !== undefined && isToken(value)),
      steps,
      signal: context.req.raw.signal,
    };
  }
  return app;
}

/** Says whether a header's value is `Bearer` with the token, in the same time for every wrong one of its length. */
function tokenCheck(token: string): (value: string) => boolean {
  const wanted = Buffer.from(token);
  return (value) => {
    const given = Buffer.from(value.replace(/^Bearer /i, ""));
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  };
}
