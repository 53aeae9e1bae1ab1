import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type ParseError, parse, printParseErrorCode } from "jsonc-parser";
import * as z from "zod";

const Crons = z.strictObject({ crons: z.array(z.string()).default([]) });

const Migration = z.strictObject({
  tag: z.string(),
  new_classes: z.array(z.string()).optional(),
  new_sqlite_classes: z.array(z.string()).optional(),
  deleted_classes: z.array(z.string()).optional(),
  renamed_classes: z.array(z.strictObject({ from: z.string(), to: z.string() })).optional(),
});

/** A Durable Object migration as wrangler.jsonc has it. */
export type Migration = z.infer<typeof Migration>;

const Logs = z.strictObject({
  enabled: z.boolean().optional(),
  head_sampling_rate: z.number().optional(),
  invocation_logs: z.boolean().optional(),
  persist: z.boolean().optional(),
});

/** A whole number that has to be said. */
function said(least: number, most: number) {
  return z
    .int({
      error: ({ input }) =>
        input === undefined ? "is missing: nothing of a consumer is left to a default" : undefined,
    })
    .min(least)
    .max(most);
}

/** @see https://developers.cloudflare.com/queues/platform/limits/ */
const QueueConsumer = z.strictObject({
  queue: z.string(),
  max_batch_size: said(1, 100),
  /** Seconds. */
  max_batch_timeout: said(0, 60),
  max_retries: said(0, 100),
  max_concurrency: said(1, 250),
  /** Seconds. */
  retry_delay: said(0, 43_200),
  dead_letter_queue: z.string().optional(),
});

/** A consumer as wrangler.jsonc has it. */
export type QueueConsumer = z.infer<typeof QueueConsumer>;

/**
 * The part of wrangler.jsonc that this program understands. A key it does not know is refused by name: a setting that
 * works under `wrangler dev` must not be dropped in silence on the way to the account.
 * @see https://developers.cloudflare.com/workers/wrangler/configuration/
 */
const WranglerConfiguration = z.strictObject({
  $schema: z.string().optional(),
  name: z.string(),
  main: z.string(),
  // How the bundle is built, which is done by the time that this program runs.
  minify: z.boolean().optional(),
  keep_names: z.boolean().optional(),
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()).default([]),
  workers_dev: z.boolean().optional(),
  preview_urls: z.boolean().optional(),
  upload_source_maps: z.boolean().optional(),
  dev: z.unknown().optional(),
  build: z.unknown().optional(),
  observability: z
    .strictObject({ enabled: z.boolean().optional(), head_sampling_rate: z.number().optional(), logs: Logs.optional() })
    .default({}),
  limits: z.strictObject({ cpu_ms: z.int().optional(), subrequests: z.int().optional() }).optional(),
  placement: z.strictObject({ mode: z.literal("smart") }).optional(),
  triggers: Crons.default({ crons: [] }),
  migrations: z.array(Migration).default([]),
  vars: z.record(z.string(), z.unknown()).default({}),
  secrets: z.strictObject({ required: z.array(z.string()).default([]) }).default({ required: [] }),
  assets: z
    .strictObject({
      directory: z.string(),
      binding: z.string().optional(),
      html_handling: z.string().optional(),
      not_found_handling: z.string().optional(),
      run_worker_first: z.union([z.boolean(), z.array(z.string())]).optional(),
    })
    .optional(),
  ai: z.looseObject({ binding: z.string() }).optional(),
  version_metadata: z.strictObject({ binding: z.string() }).optional(),
  d1_databases: z.array(z.looseObject({ binding: z.string(), migrations_dir: z.string().optional() })).default([]),
  r2_buckets: z.array(z.looseObject({ binding: z.string() })).default([]),
  kv_namespaces: z.array(z.looseObject({ binding: z.string() })).default([]),
  vectorize: z.array(z.looseObject({ binding: z.string() })).default([]),
  services: z.array(z.looseObject({ binding: z.string() })).default([]),
  analytics_engine_datasets: z.array(z.looseObject({ binding: z.string() })).default([]),
  queues: z
    .strictObject({
      producers: z.array(z.strictObject({ binding: z.string(), queue: z.string() })).default([]),
      consumers: z.array(QueueConsumer).default([]),
    })
    .default({ producers: [], consumers: [] }),
  durable_objects: z
    .strictObject({ bindings: z.array(z.strictObject({ name: z.string(), class_name: z.string() })) })
    .default({ bindings: [] }),
  ratelimits: z
    .array(
      z.strictObject({
        name: z.string(),
        namespace_id: z.string(),
        simple: z.strictObject({ limit: z.int().positive(), period: z.union([z.literal(10), z.literal(60)]) }),
      }),
    )
    .default([]),
});

/** A template's wrangler.jsonc, parsed. */
export type WranglerConfiguration = z.infer<typeof WranglerConfiguration>;

/**
 * Reads `wrangler.jsonc` of a template.
 * @param folder of the template
 * @param title how messages call it, e.g. `templates/event-agent`
 * @throws when it cannot be read, or says something this program does not understand: all problems in one message
 */
export function readWranglerConfiguration(folder: string, title: string): WranglerConfiguration {
  return parseWranglerConfiguration(readFileSync(join(folder, "wrangler.jsonc"), "utf8"), title);
}

/** As `readWranglerConfiguration`, from the file's text. */
export function parseWranglerConfiguration(text: string, title: string): WranglerConfiguration {
  const mistakes: ParseError[] = [];
  const value: unknown = parse(text, mistakes, { allowTrailingComma: true });
  const [mistake] = mistakes;
  if (mistake) {
    const line = text.slice(0, mistake.offset).split("\n").length;
    throw new pulumi.RunError(`${title}/wrangler.jsonc:${line}: ${printParseErrorCode(mistake.error)}`);
  }
  const parsed = WranglerConfiguration.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => `${[...issue.path, key].join(".")} is not supported by infra`)
      : `${issue.path.join(".")}: ${issue.message}`,
  );
  throw new pulumi.RunError(`${title}/wrangler.jsonc: ${problems.join("; ")}`);
}
