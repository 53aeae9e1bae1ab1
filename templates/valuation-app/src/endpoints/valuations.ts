import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { IDEMPOTENCY_KEY, idempotencyKey } from "@tenner/worker-kit/idempotency-key";
import { pageOf, pageParameters } from "@tenner/worker-kit/paging";
import { Problem } from "@tenner/worker-kit/problem";
import type { Context } from "hono";
import * as z from "zod";
import { type Owner, ValuationStore } from "../adapters/valuation-store.ts";
import { drawCard } from "../card/draw-card.ts";
import { CATEGORY_NAMES } from "../domain/category.ts";
import { CONFIDENCES } from "../domain/estimate.ts";
import { TIERS } from "../domain/tier.ts";
import type { ListedValuation, Valuation } from "../domain/valuation.ts";
import { ValuationRequest } from "../domain/valuation-request.ts";
import { findCourse, followValuation, type Course as PriceCourse, unfollowValuation } from "../follow-valuation.ts";
import type { HttpEnv } from "../http-env.ts";
import { memberOwner } from "../member.ts";
import { removeValuation } from "../remove-valuation.ts";
import { submitValuation } from "../submit-valuation.ts";
import { VALUATION_ID } from "../valuation-id.ts";

const tag = "Valuations";

const ListedBody = z
  .object({
    id: z.string(),
    category: z.enum(CATEGORY_NAMES),
    item_name: z.string(),
    price_usd: z.number(),
    confidence: z.enum(CONFIDENCES),
    tier: z.enum(TIERS),
    origin: z.enum(["ai", "estimate"]).describe("`estimate`: no model answered; drawn from the fingerprint"),
    reason: z.string().nullable().describe("Of an estimate: why no model answered"),
    model: z.string().nullable(),
    fallback: z.boolean(),
    stand_in: z.boolean().describe("The local cloud's stand-in for a model"),
    picture: z.string().nullable(),
    created_at: z.iso.datetime(),
    links: z.object({ self: z.string(), page: z.string() }),
  })
  .meta({ id: "ListedValuation" });

const ValuationBody = ListedBody.extend({
  description: z.string(),
  fingerprint: z.string(),
  analysis: z.string(),
  what_you_could_do: z.array(z.string()),
  tokens: z.object({
    list: z.string(),
    taken_on: z.iso.date(),
    input_tokens: z.int(),
    output_tokens: z.int(),
    providers: z.array(z.object({ provider: z.string(), model: z.string(), tokens: z.number(), source: z.string() })),
  }),
  cache: z.enum(["asked", "joined", "kept"]).describe("Whether a model was asked for it, or the answer was there"),
  cost_usd: z.number(),
  took_ms: z.int(),
}).meta({ id: "Valuation" });

const ListQuery = z.strictObject({
  search: z.string().max(200).optional(),
  category: z.enum(CATEGORY_NAMES).optional(),
  tier: z.enum(TIERS).optional(),
  origin: z.enum(["ai", "estimate"]).optional(),
  ...pageParameters(VALUATION_ID),
});

const List = z
  .object({ valuations: z.array(ListedBody), next_cursor: z.string().nullable() })
  .meta({ id: "ValuationList" });

const Course = z
  .object({
    followed: z.boolean(),
    every_days: z.int().nullable().describe("Null: this stack appraises nothing again"),
    prices: z.array(
      z.object({
        appraised_at: z.iso.datetime(),
        price_usd: z.number(),
        confidence: z.enum(CONFIDENCES),
        model: z.string().nullable().describe("Null: the deterministic estimate"),
        stand_in: z.boolean(),
      }),
    ),
  })
  .meta({ id: "PriceCourse" });

/** Valuations for programs. The pages use the same functions behind them. */
export const valuationEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "post",
    path: "/v1/valuations",
    operationId: "createValuation",
    summary: "Value a thing",
    description:
      "Answers with a model's appraisal, or, when no model can answer, with the deterministic estimate; `origin` says which. With an `Idempotency-Key` the same submission gives the same valuation.",
    tag,
    guard: "submission",
    headers: IDEMPOTENCY_KEY,
    body: ValuationRequest,
    responses: { 201: { description: "The valuation", schema: ValuationBody } },
    problems: [429],
    async handle(c, { body }) {
      const key = idempotencyKey(c.req.header("idempotency-key"));
      const valuation = await submitValuation(c.env, body, ownerOf(c), key === null ? null : `key:${key}`);
      return c.json(toBody(valuation), 201, { location: `/v1/valuations/${valuation.id}` });
    },
  }),

  endpoint({
    method: "get",
    path: "/v1/valuations",
    operationId: "listValuations",
    summary: "List your valuations, newest first",
    tag,
    guard: "tenant",
    query: ListQuery,
    responses: { 200: { description: "A page", schema: List } },
    async handle(c, { query }) {
      const { limit, cursor, ...filter } = query;
      const rows = await new ValuationStore(c.env.DB).list(ownerOf(c).id, {
        ...filter,
        before: cursor,
        limit: limit + 1,
      });
      const { page, nextCursor } = pageOf(rows, limit, ({ id }) => id);
      return c.json({ valuations: page.map(toListedBody), next_cursor: nextCursor } satisfies z.infer<typeof List>);
    },
  }),

  endpoint({
    method: "get",
    path: "/v1/valuations/:id",
    operationId: "getValuation",
    summary: "Get a valuation",
    description: "For everybody who knows its id, which cannot be guessed.",
    tag,
    responses: { 200: { description: "The valuation", schema: ValuationBody } },
    problems: [404],
    async handle(c) {
      const found = await new ValuationStore(c.env.DB).find(c.req.param("id") ?? "");
      if (!found) throw noSuchValuation();
      return c.json(toBody(found.valuation));
    },
  }),

  endpoint({
    method: "get",
    path: "/v1/valuations/:id/card.png",
    operationId: "getCard",
    summary: "Get a valuation’s card",
    description: "1200 × 630 pixels, drawn here: what is shown where somebody shares a valuation that has no picture.",
    tag,
    responses: { 200: { description: "The card", contentType: "image/png" } },
    problems: [404],
    async handle(c) {
      const found = await new ValuationStore(c.env.DB).find(c.req.param("id") ?? "");
      if (!found) throw noSuchValuation();
      const card = await drawCard(found.valuation);
      return c.body(card, 200, { "content-type": "image/png", "cache-control": "public, max-age=86400" });
    },
  }),

  endpoint({
    method: "get",
    path: "/v1/valuations/:id/prices",
    operationId: "getPrices",
    summary: "Get how a valuation’s price has gone",
    description: "The valuation’s own price, then what models said each time a followed thing was appraised again.",
    tag,
    responses: { 200: { description: "The prices, oldest first", schema: Course } },
    problems: [404],
    async handle(c) {
      const course = await findCourse(c.env, c.req.param("id") ?? "");
      if (!course) throw noSuchValuation();
      return c.json(toCourseBody(course));
    },
  }),

  endpoint({
    method: "put",
    path: "/v1/valuations/:id/following",
    operationId: "followValuation",
    summary: "Have a valuation of yours appraised again from now on",
    tag,
    guard: "tenant",
    responses: { 204: { description: "It is followed" } },
    problems: [404, 409],
    async handle(c) {
      const followed = await followValuation(c.env, ownerOf(c).id, c.req.param("id") ?? "");
      if (followed === "not_found") throw noSuchValuation();
      if (followed === "too_many") {
        const most = c.get("settings").valuation.reappraisal.mostPerOwner;
        throw new Problem(
          409,
          "too_many_followed",
          `${most} valuations are followed already: stop following one first`,
        );
      }
      return c.body(null, 204);
    },
  }),

  endpoint({
    method: "delete",
    path: "/v1/valuations/:id/following",
    operationId: "unfollowValuation",
    summary: "Stop having a valuation of yours appraised again",
    tag,
    guard: "tenant",
    responses: { 204: { description: "It is not followed" } },
    problems: [404],
    async handle(c) {
      if (!(await unfollowValuation(c.env, ownerOf(c).id, c.req.param("id") ?? ""))) throw noSuchValuation();
      return c.body(null, 204);
    },
  }),

  endpoint({
    method: "delete",
    path: "/v1/valuations/:id",
    operationId: "deleteValuation",
    summary: "Delete a valuation of yours",
    tag,
    guard: "tenant",
    responses: { 204: { description: "It is gone" } },
    problems: [404],
    async handle(c) {
      if (!(await removeValuation(c.env, ownerOf(c).id, c.req.param("id") ?? ""))) throw noSuchValuation();
      return c.body(null, 204);
    },
  }),
];

function ownerOf(c: Context<HttpEnv>): Owner {
  const caller = c.get("caller");
  return caller.by === "token" ? memberOwner(caller) : { id: `tenant:${caller.tenant}`, authStatus: "api_key" };
}

function noSuchValuation(): Problem {
  return new Problem(404, "not_found", "there is no such valuation");
}

function toListedBody({
  id,
  category,
  confidence,
  tier,
  origin,
  ...rest
}: ListedValuation): z.infer<typeof ListedBody> {
  const ai = origin.kind === "ai" ? origin : null;
  return {
    id,
    category,
    item_name: rest.itemName,
    price_usd: rest.priceCents / 100,
    confidence,
    tier,
    origin: origin.kind,
    reason: origin.kind === "estimate" ? origin.reason : null,
    model: ai?.model ?? null,
    fallback: ai?.fallback ?? false,
    stand_in: ai?.standIn ?? false,
    picture: rest.picture === null ? null : `/pictures/${rest.picture}`,
    created_at: new Date(rest.createdAt).toISOString(),
    links: { self: `/v1/valuations/${id}`, page: `/v/${id}` },
  };
}

function toCourseBody({ followed, everyDays, points }: PriceCourse): z.infer<typeof Course> {
  return {
    followed,
    every_days: everyDays,
    prices: points.map(({ at, priceCents, confidence, model, standIn }) => ({
      appraised_at: new Date(at).toISOString(),
      price_usd: priceCents / 100,
      confidence,
      model,
      stand_in: standIn,
    })),
  };
}

function toBody(valuation: Valuation): z.infer<typeof ValuationBody> {
  const { list, takenOn, inputTokens, outputTokens, providers } = valuation.conversions;
  return {
    ...toListedBody(valuation),
    description: valuation.description,
    fingerprint: valuation.fingerprint,
    analysis: valuation.analysis,
    what_you_could_do: [...valuation.whatYouCouldDo],
    tokens: {
      list,
      taken_on: takenOn,
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      providers: providers.map((each) => ({ ...each })),
    },
    cache: valuation.way,
    cost_usd: valuation.costNano / 1e9,
    took_ms: valuation.tookMs,
  };
}
