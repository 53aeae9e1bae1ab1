import type { Clock } from "../../../core/clock.ts";
import type { Faults } from "../../../core/faults.ts";
import type { Ids } from "../../../core/ids.ts";
import type { Inference, ModelCall } from "../../../models/inference.ts";
import { ProviderError } from "../../../models/provider-error.ts";
import { type PlainHeaders, type RawAnswer, responseOf } from "../../../models/raw-answer.ts";
import type { Gateway, GatewayState, Route } from "../gateway.ts";
import { callHeaders, isEventStream, providerRefusal, refusal, replay } from "./answer.ts";
import { type AnswerCache, MAX_ANSWER } from "./answer-cache.ts";
import { type AttemptPolicy, attempt, attemptPolicy } from "./attempt.ts";
import { cacheKey, cacheLifetime } from "./cache-key.ts";
import { type CallMeter, callMeter, MAX_PAYLOAD } from "./call-meter.ts";
import type { GatewayCall, Step } from "./gateway-call.ts";
import { GatewayError, invalidCall, noSuchGateway, rateLimited, spendExceeded, unauthorized } from "./gateway-error.ts";
import { chatOf, type ModelTarget, readTarget } from "./read-target.ts";
import type { RouteCounters } from "./route-counters.ts";
import { tapStream } from "./tap-stream.ts";
import { walkRoute } from "./walk-route.ts";

/** What {@link callServer} needs. */
export interface CallServerOptions {
  readonly state: GatewayState;
  readonly inference: Inference;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly cache: AnswerCache;
  readonly counters: RouteCounters;
  /** From 0 up to, but not, 1: what percentage elements draw from. */
  readonly random: () => number;
}

/** Serves a call. @throws {Unreachable} */
export type ServeCall = (call: GatewayCall) => Promise<RawAnswer>;

/**
 * There is no answer: the gateway shall not be reached, or a model's answer broke in its middle. The entrance breaks the
 * connection, so that nobody takes it for a refusal, which costs nothing.
 */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** An answer that began, and where it came from. */
interface Begun {
  readonly answer: RawAnswer;
  readonly provider: string;
  readonly model: string;
}

/** Where an answer shall be kept. */
interface Place {
  readonly key: string;
  /** Seconds. */
  readonly lifetime: number;
  /** The answer ends only when it is on disk: a repeat with the same key after a crash then finds it. */
  readonly awaited: boolean;
}

/**
 * The one way of every call: authentication, rate limit, cache, spend limit, model. Refusals are answers, too.
 *
 * @throws {Unreachable} when a fault says so.
 */
export function callServer(options: CallServerOptions): ServeCall {
  const { state, inference, faults, cache, counters } = options;

  return async (call) => {
    if (faults.take("ai-gateway", call.gatewayId, ["unreachable"])) throw new Unreachable();
    const gateway = state.gateway(call.accountId, call.gatewayId);
    if (gateway === undefined) return refusal(noSuchGateway(call.gatewayId), call.entrance);
    if (gateway.authentication && !call.authorized) return refusal(unauthorized(), call.entrance);
    const meter = callMeter(options, call, gateway);
    if (!state.admit(gateway, call.accountId)) return refuse(call, meter, rateLimited(), 0);
    let failed: { error: unknown; step: number } | undefined;
    for (const [number, step] of call.steps.entries()) {
      try {
        return await serveStep(call, gateway, meter, step, number);
      } catch (error) {
        if (error instanceof Unreachable) throw error;
        // A spend limit that refused a step is what a caller must know, whatever the steps after it say.
        if (!isSpendRefusal(failed?.error)) failed = { error, step: number };
        if (call.signal.aborted) break;
      }
    }
    return refuse(call, meter, failed?.error, failed?.step ?? 0);
  };

  async function serveStep(call: GatewayCall, gateway: Gateway, meter: CallMeter, step: Step, number: number) {
    const target = readTarget(step);
    const route = target.kind === "route" ? routeOf(call, target.name) : undefined;
    const lifetime = cacheLifetime(gateway, step.options, call.entrance);
    let place: Place | undefined;
    if (lifetime > 0) {
      const key = cacheKey(call.accountId, gateway, step, route);
      const kept = cache.find(key);
      if (kept) {
        const { provider, model } = kept;
        const response = meter.collected ? payloadOf([kept.body]) : null;
        meter.finish({ statusCode: 200, success: true, cached: true, provider, model, step: kept.step, response });
        return replay(kept, meter);
      }
      place = { key, lifetime, awaited: step.options.cacheKey !== undefined };
    }
    const begun =
      target.kind === "model"
        ? await askModel(
            call,
            gateway,
            meter,
            step,
            target,
            attemptPolicy(gateway, step.options),
            step.key !== undefined,
          )
        : await askRoute(call, gateway, meter, step, target.body, route);
    return deliver(call, gateway, meter, begun, number, place);
  }

  function routeOf(call: GatewayCall, name: string): Route {
    const route = state.route(call.accountId, call.gatewayId, name);
    if (route === undefined) throw invalidCall(`gateway "${call.gatewayId}" has no dynamic route "${name}"`);
    return route;
  }

  function askRoute(
    call: GatewayCall,
    gateway: Gateway,
    meter: CallMeter,
    step: Step,
    body: Readonly<Record<string, unknown>>,
    route: Route | undefined,
  ): Promise<Begun> {
    if (route === undefined) throw invalidCall("the step names no dynamic route");
    return walkRoute<Begun>({
      route,
      accountId: call.accountId,
      input: { ...body, body, metadata: step.options.metadata ?? {} },
      counters,
      random: options.random,
      path: meter.path,
      charge: (add) => meter.charge(add),
      ask({ properties: { provider, model, timeout, retries } }) {
        const policy = { ...attemptPolicy(gateway, step.options), attempts: retries + 1, timeout };
        // The keys of a route's providers lie with the gateway.
        return askModel(call, gateway, meter, step, chatOf(provider, model, body), policy, true);
      },
    });
  }

  async function askModel(
    call: GatewayCall,
    gateway: Gateway,
    meter: CallMeter,
    step: Step,
    target: ModelTarget,
    policy: AttemptPolicy,
    hasKey: boolean,
  ): Promise<Begun> {
    const { provider, model } = target;
    const rule = state.exceeded(gateway, call.accountId, { provider, model, metadata: step.options.metadata ?? null });
    if (rule) throw spendExceeded(rule, provider, model);
    const answer = await attempt(model, policy, call.signal, async (signal) => {
      const modelCall: ModelCall = {
        accountId: call.accountId,
        id: meter.requestId,
        signal,
        hasKey,
        onUsage: (usage) => meter.add(usage),
      };
      return target.ask(inference, modelCall);
    });
    return { answer, provider, model };
  }

  async function deliver(
    call: GatewayCall,
    gateway: Gateway,
    meter: CallMeter,
    { answer, provider, model }: Begun,
    step: number,
    place: Place | undefined,
  ): Promise<RawAnswer> {
    const { status, body } = answer;
    const success = status < 300;
    const contentType = answer.headers["content-type"] ?? "application/octet-stream";
    const marks = marksOf(answer.headers);
    const headers: PlainHeaders = {
      "content-type": contentType,
      ...callHeaders(meter, step),
      "cf-aig-cache-status": "MISS",
      "cf-aig-model": model,
      "cf-aig-provider": provider,
      ...marks,
    };
    const outcome = { statusCode: status, success, cached: false, provider, model, step };
    const keep = async (bytes: Uint8Array<ArrayBuffer>) => {
      if (place === undefined || !success) return;
      const owner = { accountId: call.accountId, gatewayId: gateway.id };
      const whole = { provider, model, step, contentType, marks, body: bytes };
      const kept = cache.keep(owner, place.key, whole, place.lifetime);
      if (place.awaited) await kept;
    };
    if (isEventStream(contentType) && body instanceof ReadableStream) {
      const limit = place ? MAX_ANSWER : meter.collected ? MAX_PAYLOAD : 0;
      const tapped = tapStream(body, limit, async ({ outcome: end, chunks, whole }) => {
        const text = meter.collected ? payloadOf(chunks) : null;
        if (end === "complete") {
          meter.finish({ ...outcome, response: text });
          if (whole) await keep(joined(chunks));
        } else {
          meter.finish({ ...outcome, success: false, statusCode: end === "left" ? CALLER_LEFT : 502, response: text });
        }
      });
      return { status, headers: { ...headers, "cache-control": "no-cache" }, body: tapped };
    }
    const broken = (cause: unknown): never => {
      meter.finish({ ...outcome, success: false, statusCode: 502, response: null });
      throw new Unreachable("a model's answer broke in its middle", { cause });
    };
    const whole =
      body instanceof ReadableStream ? new Uint8Array(await responseOf(answer).arrayBuffer().catch(broken)) : body;
    const text = typeof whole === "string" ? whole : payloadOf([whole]);
    meter.finish({ ...outcome, response: contentType === "application/json" ? text : null });
    if (place) await keep(typeof whole === "string" ? Buffer.from(whole) : whole);
    return { status, headers, body: whole };
  }

  function refuse(call: GatewayCall, meter: CallMeter, error: unknown, step: number): RawAnswer {
    const asked = call.steps[step] ?? call.steps[0];
    const headers = callHeaders(meter, step);
    // A provider that was asked in its own way is heard in its own words.
    const own = error instanceof ProviderError && asked.provider !== "compat";
    const response = own ? providerRefusal(error, headers) : refusal(error, call.entrance, headers);
    const { provider, model } = namesOf(asked);
    const outcome = { statusCode: response.status, success: false, cached: false, provider, model, step };
    const text = error instanceof Error ? error.message : String(error);
    meter.finish({ ...outcome, response: text });
    return response;
  }
}

/** What the local cloud says of an answer, e.g. that it is a stand-in's. */
function marksOf(headers: PlainHeaders): PlainHeaders {
  const marks: PlainHeaders = {};
  for (const name of MARKS) {
    const value = headers[name];
    if (value !== undefined) marks[name] = value;
  }
  return marks;
}

const MARKS = ["x-stand-in", "x-local-model"];

/** What a log says of a caller that went away before the end. */
const CALLER_LEFT = 499;

const isSpendRefusal = (error: unknown) => error instanceof GatewayError && error.code === 2045;

/** Whom a step meant, as far as it can be read. */
function namesOf(step: Step): { provider: string; model: string } {
  try {
    const target = readTarget(step);
    return target.kind === "model" ? target : { provider: step.provider, model: `dynamic/${target.name}` };
  } catch {
    return { provider: step.provider, model: "" };
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Buffer.concat(chunks);
}

/** As much of a body as a log keeps. */
function payloadOf(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString("utf8", 0, MAX_PAYLOAD);
}
