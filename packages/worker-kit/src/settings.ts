import * as z from "zod";
import { type ModelPrice, type OwnPrices, PriceError, priceOf } from "./model-prices.ts";
import { Access } from "./settings/access.ts";
import { Analytics } from "./settings/analytics.ts";
import { Backends } from "./settings/backends.ts";
import { Experiments, modelsOfExperiments } from "./settings/experiments.ts";
import { Rag } from "./settings/rag.ts";
import { modelsOfRouting, Routing } from "./settings/routing.ts";
import { modelsOfSemantic, Semantic } from "./settings/semantic.ts";
import { Valuation } from "./settings/valuation.ts";

export { retiredOn } from "./model-prices.ts";

const SECONDS = { minute: 60, hour: 3_600, day: 86_400 } as const;
const MEGABYTE = 1_000_000;

/** Names of the Worker templates that a stack can deploy. */
export const TemplateName = z.enum(["event-agent", "async-pipeline", "edge-cache", "valuation-app"]);
export type TemplateName = z.infer<typeof TemplateName>;

const OwnPrice = z.strictObject({
  /** US dollars for a million tokens. */
  input: z.number().positive().max(10_000),
  /** US dollars for a million tokens; 0 for an embedding model. */
  output: z.number().min(0).max(10_000),
});

const Models = z
  .strictObject({
    /** Asked first. A Workers AI id, or `provider/model` through the AI Gateway. */
    primary: z.string().min(1).default("@cf/meta/llama-3.1-8b-instruct-fast"),
    /** Asked when the primary fails. */
    fallback: z.string().min(1).default("@cf/mistralai/mistral-small-3.1-24b-instruct"),
    /** 768 numbers a text. Changing it means a new Vectorize index. */
    embedding: z.string().min(1).default("@cf/baai/bge-base-en-v1.5"),
    image: z.string().min(1).default("@cf/black-forest-labs/flux-1-schnell"),
    /** Prices of models that the list in `model-prices` lacks, or that cost you something else. */
    prices: z.record(z.string().min(1), OwnPrice).default({}),
  })
  // A model without a price would be a model without a ceiling.
  .superRefine((models, context) => {
    for (const [role, task] of Object.entries(TASKS)) {
      const message = priceProblem(models[role as keyof typeof TASKS], task, models.prices);
      if (message) context.addIssue({ code: "custom", path: [role], message });
    }
  });

const TASKS = { primary: "text", fallback: "text", embedding: "embedding", image: "image" } as const;

function priceProblem(model: string, task: ModelPrice["task"], own: OwnPrices): string | undefined {
  try {
    const price = priceOf(model, own);
    if (price.task === task || (price.task === undefined && task !== "image")) return undefined;
    if (price.task === undefined) return `${model} makes pictures, which "prices" (per token) cannot price`;
    return `${model} is a model for ${price.task}, not for ${task}`;
  } catch (error) {
    if (error instanceof PriceError) return error.message;
    throw error;
  }
}

const Budget = z.strictObject({
  /** US dollars per calendar month (UTC) for the whole stack: the ledger's ceiling and the gateway's cap. */
  monthlyUsd: z.number().positive().max(100_000).default(10),
  /** US dollars a month for each tenant, within `monthlyUsd`. Left out: a tenant may use all of it. */
  perTenantUsd: z.number().positive().max(100_000).optional(),
  /**
   * US dollars a month for tenants by their names, instead of `perTenantUsd`. A tenant exists by its keys: give a key a
   * tenant of its own, and this is the key's.
   */
  tenantsUsd: z.record(z.string().min(1), z.number().positive().max(100_000)).optional(),
  /** US dollars a month for a template, within `monthlyUsd`. */
  perTemplateUsd: z.partialRecord(TemplateName, z.number().positive().max(100_000)).default({}),
});

const Cache = z.strictObject({
  /** Seconds an answer is served for an identical request. */
  exactTtlSeconds: z
    .int()
    .min(60)
    .max(30 * SECONDS.day)
    .default(SECONDS.day),
  /** Seconds an answer is served for a request that means the same. */
  semanticTtlSeconds: z
    .int()
    .min(60)
    .max(30 * SECONDS.day)
    .default(6 * SECONDS.hour),
  /** Seconds past its lifetime that an answer is still served while it is made anew. */
  staleTtlSeconds: z.int().min(0).max(SECONDS.day).default(SECONDS.hour),
  /** Cosine similarity, 0 to 1, from which two requests are compared further; never enough alone. */
  similarityThreshold: z.number().min(0).max(1).default(0.5),
  /** How questions that mean the same are found, and what is learned of them. */
  semantic: Semantic.prefault({}),
  /** Answers to requests for something made up (a poem, a joke, names) are kept, too. */
  keepCreative: z.boolean().default(false),
  /** Answers to a request with a higher temperature are not kept: it asks for a different one each time. */
  maxTemperature: z.number().min(0).max(2).default(0.7),
  /** Bytes of answers that a Worker holds in memory (128 MB in all); 0: none. */
  memoryBytes: z
    .int()
    .min(0)
    .max(64 * MEGABYTE)
    .default(16 * MEGABYTE),
});

const AiGateway = z.strictObject({
  /** Seconds the gateway keeps an answer for an identical request that does not say itself; 0: it keeps none. */
  cacheTtlSeconds: z
    .int()
    .min(0)
    .max(30 * SECONDS.day)
    .default(SECONDS.hour),
  /** Model calls of the whole stack per minute, against a loop that ran away. */
  requestsPerMinute: z.int().min(1).max(1_000_000).default(6_000),
  /** The gateway logs requests and answers, as its dashboard shows them. */
  collectLogs: z.boolean().default(true),
  /** The Secrets Store with other providers' keys, once the gateway has one: 32 hexadecimal digits. */
  secretsStoreId: z
    .string()
    .regex(/^[0-9a-f]{32}$/, "is not 32 hexadecimal digits")
    .optional(),
});

const Limits = z.strictObject({
  /** Submissions per API key and minute, per Cloudflare location. */
  submissionsPerMinute: z.int().min(1).max(100_000).default(60),
  /** Requests to the edge cache per API key and minute, per Cloudflare location. */
  requestsPerMinute: z.int().min(1).max(1_000_000).default(6_000),
  /** Bytes of a request body; larger ones get 413. */
  maxInputBytes: z.int().min(1_024).max(1_048_576).default(65_536),
  /** Tokens of an answer. */
  maxOutputTokens: z.int().min(16).max(8_192).default(1_024),
  /** Jobs of one tenant that may run at the same moment. */
  maxConcurrentPerTenant: z.int().min(1).max(1_000).default(8),
  /** Attempts at one job before it counts as failed. */
  maxAttempts: z.int().min(1).max(20).default(5),
  /** Milliseconds one model call may take; an attempt can take four of them within an alarm's 15 minutes. */
  modelTimeoutMs: z.int().min(100).max(180_000).default(60_000),
  /** Seconds from a job's earliest start to its deadline, when the caller names none. */
  jobDeadlineSeconds: z
    .int()
    .min(1)
    .max(SECONDS.day)
    .default(15 * SECONDS.minute),
  /** Days that a finished job and its answer are kept. */
  jobRetentionDays: z.int().min(1).max(365).default(7),
});

const Pipeline = z.strictObject({
  /** Messages of one tenant (an item, or several that share a question) that are under way at once, over all its batches. */
  maxConcurrentPerTenant: z.int().min(1).max(1_000).default(50),
  /** Items of one batch; a batch with more is refused. */
  maxItemsPerBatch: z.int().min(1).max(1_000_000).default(100_000),
  /** Bytes of an upload, or of a file that is fetched from a URL. Cloudflare takes bodies of 100 MB, by plan up to 500 MB. */
  maxUploadBytes: z
    .int()
    .min(1_024)
    .max(500 * MEGABYTE)
    .default(100 * MEGABYTE),
  /** Bytes of a request that carries its items in JSON, which is parsed whole. */
  maxInlineBytes: z
    .int()
    .min(1_024)
    .max(32 * MEGABYTE)
    .default(10 * MEGABYTE),
  /** Bytes of one item; a larger one is dead with that reason, the rest of its batch goes on. */
  maxItemBytes: z
    .int()
    .min(1_024)
    .max(16 * MEGABYTE)
    .default(MEGABYTE),
  /** Days that an ended batch is kept, with its upload, items and results. */
  batchRetentionDays: z.int().min(1).max(365).default(7),
  /** Batches of messages that the items' consumer works on at once. Left out: what wrangler.jsonc says. */
  queueConcurrency: z.int().min(1).max(250).optional(),
});

/**
 * A stack's settings. `infra` parses its configuration with it and hands it to every Worker as the JSON binding
 * `SETTINGS`, which parses it again. Unknown keys are refused; `Settings.parse({})` is a working setup.
 */
export const Settings = z
  .strictObject({
    models: Models.prefault({}),
    budget: Budget.prefault({}),
    cache: Cache.prefault({}),
    aiGateway: AiGateway.prefault({}),
    limits: Limits.prefault({}),
    /** Of the async-pipeline. */
    pipeline: Pipeline.prefault({}),
    /** Of the valuation-app. */
    valuation: Valuation.prefault({}),
    /** Of the edge cache: which model is asked what. */
    routing: Routing.prefault({}),
    /** Of the edge cache: what is tried on a part of the callers. */
    experiments: Experiments.default([]),
    /** Of the edge cache: services that it stands in front of. */
    backends: Backends.default({}),
    /** Of the edge cache: documents that are asked about. */
    rag: Rag.prefault({}),
    /** Of the edge cache: what is counted, and how long that is kept. */
    analytics: Analytics.prefault({}),
    /** Who may call, besides those who have an API key. */
    access: Access.prefault({}),
    /** Web origins (`https://shop.example`) that may call the Workers from a browser, besides their own pages. */
    allowedOrigins: z
      .array(
        z
          .url({ protocol: /^https?$/ })
          .refine((url) => URL.canParse(url) && new URL(url).origin === url, "an origin has no path"),
      )
      .default([]),
    /** Host names or `host:port` that webhooks may reach although they are inside the network. For tests only. */
    allowedWebhookHosts: z.array(z.string().min(1)).default([]),
    /** The templates that the stack deploys. */
    templates: z.array(TemplateName).min(1).default(["event-agent", "async-pipeline", "edge-cache", "valuation-app"]),
    /** A zone of the account, such as `example.com`: each template is then served at `<template>.<domain>`. */
    domain: z.hostname().optional(),
  })
  // As in `models`: a model without a price would be a model without a ceiling.
  .superRefine(({ models, cache, routing, experiments }, context) => {
    const judge = modelsOfSemantic(cache.semantic);
    for (const [model, path] of [...judge, ...modelsOfRouting(routing), ...modelsOfExperiments(experiments)]) {
      const message = priceProblem(model, "text", models.prices);
      if (message) context.addIssue({ code: "custom", path, message });
    }
  });
export type Settings = z.infer<typeof Settings>;

/** The stack's AI Gateway as a Worker calls it: the JSON binding `AI_GATEWAY`, made by the program that declares it. */
export const GatewaySettings = z.strictObject({
  /** The gateway's id. */
  id: z.string().min(1),
  /** The dynamic route's name: `model: "dynamic/<route>"`. */
  route: z.string().min(1),
  /** The models on the route's dearest path in its order, each with its attempts (retries + 1) and one attempt's time. */
  models: z
    .array(z.strictObject({ model: z.string().min(1), attempts: z.int().min(1), timeoutMs: z.int().min(1) }))
    .min(1),
});
export type GatewaySettings = z.infer<typeof GatewaySettings>;
