/** Channel of `diagnostics_channel` by which counts travel with the trace of the call that they belong to. */
export const USAGE_CHANNEL = "local-cloud:usage";

/** Modules that bindings of a Worker are made of: workerd's own, with what is billed counted where it is called. */
export const COUNTED_KV_MODULE = "local-cloud:counted-kv";
export const COUNTED_D1_MODULE = "local-cloud:counted-d1";
export const COUNTED_R2_MODULE = "local-cloud:counted-r2";
export const COUNTED_POINTS_MODULE = "local-cloud:counted-points";

/**
 * Counting costs neither a hop nor a copy: a count is put on a channel of workerd's tracing, which brings it to the tail
 * that every Worker has.
 */
const METER = `
import channels from "node-internal:diagnostics_channel";

/** Counts outside of a call, such as at start-up, belong to nobody. */
export function count(amounts) {
  try { channels.publishToTracer(${JSON.stringify(USAGE_CHANNEL)}, amounts); } catch {}
}

/** Has \`object\` count a call of \`method\` before it is made. */
export function countCalls(object, method, amountsOf) {
  const call = object[method].bind(object);
  Object.defineProperty(object, method, { configurable: true, writable: true, value: (...parameters) => {
    count(amountsOf(...parameters));
    return call(...parameters);
  } });
}`;

/** Counts. Workers' own code cannot import it. */
export const METER_MODULE = "local-cloud:meter";

/** A read of many keys is a read of each. @see https://developers.cloudflare.com/kv/platform/pricing/ */
const KV = `
import { countCalls } from "${METER_MODULE}";

export default ({ namespace }) => {
  const reads = (keys) => ({ "kv.reads": Array.isArray(keys) ? keys.length : 1 });
  countCalls(namespace, "get", reads);
  countCalls(namespace, "getWithMetadata", reads);
  countCalls(namespace, "put", () => ({ "kv.writes": 1 }));
  countCalls(namespace, "delete", () => ({ "kv.deletes": 1 }));
  countCalls(namespace, "list", () => ({ "kv.lists": 1 }));
  return namespace;
};`;

/**
 * Every answer of D1 says what it cost. It is read as text: in its form for bindings, rows are lists of values, so no
 * column can look like a field of the answer.
 */
const D1 = `
import makeDatabase from "cloudflare-internal:d1-api";
import { count } from "${METER_MODULE}";

export default (env) => {
  const { fetcher } = env;
  const call = fetcher.fetch.bind(fetcher);
  Object.defineProperty(fetcher, "fetch", { value: async (...parameters) => {
    const response = await call(...parameters);
    const read = response.text.bind(response);
    Object.defineProperty(response, "text", { value: async () => {
      const text = await read();
      count({ "d1.rows_read": sum(text, /"rows_read":(\\d+)/g), "d1.rows_written": sum(text, /"rows_written":(\\d+)/g) });
      return text;
    } });
    return response;
  } });
  return makeDatabase(env);
};

function sum(text, pattern) {
  let total = 0;
  for (const [, digits] of text.matchAll(pattern)) total += Number(digits);
  return total;
}`;

/** @see https://developers.cloudflare.com/r2/pricing/#class-a-operations Deletes and aborted uploads are free. */
const R2 = `
import { countCalls } from "${METER_MODULE}";

const classA = () => ({ "r2.class_a": 1 });
const classB = () => ({ "r2.class_b": 1 });

export default ({ bucket }) => {
  countCalls(bucket, "put", classA);
  countCalls(bucket, "list", classA);
  countCalls(bucket, "get", classB);
  countCalls(bucket, "head", classB);
  countCalls(bucket, "createMultipartUpload", classA);
  const create = bucket.createMultipartUpload;
  bucket.createMultipartUpload = async (...parameters) => counted(await create(...parameters));
  const resume = bucket.resumeMultipartUpload.bind(bucket);
  bucket.resumeMultipartUpload = (...parameters) => counted(resume(...parameters));
  return bucket;
};

function counted(upload) {
  countCalls(upload, "uploadPart", classA);
  countCalls(upload, "complete", classA);
  return upload;
}`;

/** @see https://developers.cloudflare.com/analytics/analytics-engine/pricing/ */
const POINTS = `
import { countCalls } from "${METER_MODULE}";

export default ({ dataset }) => {
  countCalls(dataset, "writeDataPoint", () => ({ "analytics_engine.points": 1 }));
  return dataset;
};`;

/** For the extensions of workerd's configuration. */
export const USAGE_MODULES = [
  { name: METER_MODULE, esModule: METER, internal: true },
  { name: COUNTED_KV_MODULE, esModule: KV, internal: true },
  { name: COUNTED_D1_MODULE, esModule: D1, internal: true },
  { name: COUNTED_R2_MODULE, esModule: R2, internal: true },
  { name: COUNTED_POINTS_MODULE, esModule: POINTS, internal: true },
];
