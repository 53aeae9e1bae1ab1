import { limitSubmissions } from "@tenner/worker-kit/api-keys";
import { now } from "@tenner/worker-kit/clock";
import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { log } from "@tenner/worker-kit/log";
import { Problem } from "@tenner/worker-kit/problem";
import { parseJson, parseValue, problemFields, readBody } from "@tenner/worker-kit/read-json";
import { verifyWebhook, WebhookError } from "@tenner/worker-kit/webhooks";
import * as z from "zod";
import { Job } from "../domain/job.ts";
import { JobRequest } from "../domain/job-request.ts";
import { HookPayload, SOURCES } from "../domain/sources.ts";
import type { HttpEnv } from "../http-env.ts";
import { submit } from "../submit.ts";
import { accepted } from "./jobs.ts";

/** Events from other systems, each of which becomes a job of tenant "default". */
export const hookEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "post",
    path: "/v1/hooks/:source",
    operationId: "receiveHook",
    summary: "Receive an event",
    description: `Signed as Standard Webhooks with the stack's webhook secret; no API key. A repeated \`webhook-id\` gives the same job. Sources: ${Object.entries(
      SOURCES,
    )
      .map(([name, source]) => `\`${name}\` is ${source.description}`)
      .join("; ")}; any other source's \`data\` is a whole JobRequest.`,
    tag: "Hooks",
    headers: {
      "webhook-id": "The event's id",
      "webhook-timestamp": "Seconds since 1970, within five minutes of now",
      "webhook-signature": "`v1,` and the base64 of the HMAC-SHA256; several may be given, separated by spaces",
    },
    describedBody: HookPayload,
    responses: { 202: { description: "Queued", schema: Job } },
    problems: [401, 404, 429, 503],
    async handle(c) {
      const source = c.req.param("source") ?? "";
      if (!/^[a-z0-9][a-z0-9-]{0,49}$/.test(source)) throw new Problem(404, "not_found", "there is no such source");
      const settings = c.get("settings");
      const body = await readBody(c.req.raw, settings.limits.maxInputBytes);
      const id = await verified(c.env, c.req.raw.headers, body);
      await limitSubmissions(c.env, `hook:${source}`);
      const payload = parseJson(body, HookPayload);
      const request = toRequest(source, payload);
      const { job, created } = await submit(c.env, settings, {
        tenant: "default",
        request: { ...request, metadata: { event: payload.type, ...request.metadata } },
        source,
        idempotencyKey: `hook:${source}:${id}`,
      });
      return accepted(c, job, created);
    },
  }),
];

async function verified(env: Env, headers: Headers, body: string): Promise<string> {
  try {
    const id = await verifyWebhook(env.WEBHOOK_SECRET, headers, body, now(env));
    if (id.length > 255) throw new WebhookError("missing_headers", "webhook-id is too long");
    return id;
  } catch (error) {
    if (error instanceof WebhookError && error.code === "bad_secret") {
      // Ours to mend, not the sender's, who may try again later.
      log("error", "webhook_secret_unusable", { message: error.message });
      throw new Problem(503, "hooks_not_set_up", "this Worker has no usable webhook secret", { cause: error });
    }
    if (error instanceof WebhookError) throw new Problem(401, error.code, error.message, { cause: error });
    throw error;
  }
}

function toRequest(source: string, payload: HookPayload): JobRequest {
  const known = Object.hasOwn(SOURCES, source) ? SOURCES[source] : undefined;
  if (!known) return parseValue({ data: payload.data }, z.object({ data: JobRequest }), "the event").data;
  const checked = known.schema.safeParse(payload.data);
  if (checked.success) return known.toJob(checked.data);
  const errors = problemFields(checked.error.issues).map((each) => ({ ...each, path: `/data${each.path}` }));
  throw new Problem(400, "invalid_request", `the event is not as source "${source}" sends it`, { errors });
}
