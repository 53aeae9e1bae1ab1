import { Problem } from "@tenner/worker-kit/problem";
import { parseValue, problemFields, readBody } from "@tenner/worker-kit/read-json";
import type { Settings } from "@tenner/worker-kit/settings";
import { sha256Hex } from "@tenner/worker-kit/timing-safe";
import { checkGivenAddress } from "@tenner/worker-kit/webhook-delivery";
import { receiveUpload, storeDocument, uploadFormat } from "./adapters/upload.ts";
import { type BatchFacts, BatchRequest, UploadQuery } from "./domain/batch-request.ts";
import { findPipeline } from "./pipelines/index.ts";
import type { Incoming } from "./submit-batch.ts";

/** What reading a submission needs. */
export interface Arrival {
  readonly request: Request;
  readonly query: Readonly<Record<string, string>>;
  readonly settings: Settings;
  readonly files: R2Bucket;
  /** Whether the stack has an event-agent. */
  readonly hasEventAgent: boolean;
  readonly waitUntil: (promise: Promise<unknown>) => void;
}

/**
 * Reads what a submission says and takes hold of its items: from the body in JSON, or as an upload in NDJSON or CSV,
 * whose facts are in the query.
 *
 * @throws Problem 400, 413, 415
 */
export async function readSubmission(arrival: Arrival): Promise<{ facts: BatchFacts; incoming: Incoming }> {
  const { request, settings } = arrival;
  const format = uploadFormat(request.headers);
  if (format !== "json") {
    const facts = checked(parseValue(arrival.query, UploadQuery, "the query"), arrival);
    return { facts, incoming: upload(arrival, format) };
  }
  if (Object.keys(arrival.query).length > 0) {
    throw invalid("/", "with a JSON body everything is said in the body, nothing in the query");
  }
  const text = await readBody(request, settings.pipeline.maxInlineBytes);
  const { items, file_url: url, ...said } = parseValue(documentOf(text), BatchRequest, "the body");
  const facts = checked(said, arrival);
  if (items) return { facts, incoming: inline(arrival, text, items.length) };
  // The schema lets no document through that has neither.
  const address = url ?? "";
  checkGivenAddress(address, "/file_url", settings.allowedWebhookHosts);
  return { facts, incoming: { kind: "url", url: address } };
}

function documentOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = text.trim() === "" ? "the body is empty" : "the body is not JSON";
    throw new Problem(400, "invalid_json", reason, { cause });
  }
}

/** @throws Problem 400 for options that the pipeline does not have, or an address inside the network */
function checked(facts: BatchFacts, { settings, hasEventAgent }: Arrival): BatchFacts {
  const pipeline = findPipeline(facts.pipeline);
  if (!pipeline) throw invalid("/pipeline", "there is no such pipeline");
  if (facts.webhook_url !== undefined) {
    checkGivenAddress(facts.webhook_url, "/webhook_url", settings.allowedWebhookHosts);
  }
  if (facts.agent_job && !hasEventAgent) throw invalid("/agent_job", "this stack has no event-agent to make it in");
  const options = pipeline.options.safeParse(facts.options);
  if (options.success) return facts;
  const errors = problemFields(options.error.issues).map((each) => ({ ...each, path: `/options${each.path}` }));
  throw new Problem(400, "invalid_request", `the options are not those of ${pipeline.name}`, { errors });
}

function inline({ files, settings }: Arrival, text: string, count: number): Incoming {
  const { maxItemsPerBatch } = settings.pipeline;
  if (count > maxItemsPerBatch) throw invalid("/items", `${count}; a batch may have ${maxItemsPerBatch}`);
  return {
    kind: "json",
    store: (key) => storeDocument(files, key, text),
    isSame: async (stored) => (await sha256Hex(text)) === stored.sha256,
  };
}

function upload({ request, settings, files, waitUntil }: Arrival, format: "ndjson" | "csv"): Incoming {
  const maxBytes = settings.pipeline.maxUploadBytes;
  return {
    kind: format,
    store: (key) => receiveUpload(files, request, { key, format, maxBytes, waitUntil }),
    isSame: async (stored) => (await sha256OfStream(request.body, stored.bytes)) === stored.sha256,
  };
}

/** SHA-256 of a stream, hexadecimal; null when it has more than `maxBytes`. */
async function sha256OfStream(stream: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<string | null> {
  const digest = new crypto.DigestStream("SHA-256");
  const hash = digest.getWriter();
  let bytes = 0;
  for await (const chunk of stream ?? []) {
    bytes += chunk.length;
    // Leaving the loop cancels the stream.
    if (bytes > maxBytes) return null;
    await hash.write(chunk);
  }
  await hash.close();
  return Array.from(new Uint8Array(await digest.digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function invalid(path: string, message: string): Problem {
  return new Problem(400, "invalid_request", `${path}: ${message}`, { errors: [{ path, message }] });
}
