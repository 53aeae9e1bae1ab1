import * as pulumi from "@pulumi/pulumi";
import { type CallCloudflare, DynamicResource, type ProviderTools } from "./dynamic-resource.ts";

/** A property of the vectors' metadata that queries may filter by. */
export interface MetadataIndex {
  /** Dots lead into objects, e.g. `source.kind`. */
  readonly propertyName: string;
  readonly indexType: "string" | "number" | "boolean";
}

export interface VectorizeIndexArgs {
  readonly accountId: pulumi.Input<string>;
  /** Unique in the account: `vectorizeName` gives one that changes with dimensions and metric. */
  readonly indexName: string;
  /** Numbers a vector, 1 to 1536. */
  readonly dimensions: number;
  readonly metric: "cosine" | "euclidean" | "dot-product";
  /** At most 10. They hold vectors written after them, so one that is added later does not know the earlier vectors. */
  readonly metadataIndexes?: readonly MetadataIndex[];
}

const MAX_DIMENSIONS = 1536;
const MAX_METADATA_INDEXES = 10;

/**
 * A Vectorize index with its metadata indexes, which are there before the first vector. Metadata indexes change in
 * place; other dimensions or another metric make another index. Dynamic because the provider has no such resource.
 * @throws pulumi.RunError at an index that Cloudflare would refuse
 * @see https://developers.cloudflare.com/vectorize/
 */
export class VectorizeIndex extends DynamicResource {
  /** The index, once it can be bound and its metadata indexes exist. */
  declare readonly indexName: pulumi.Output<string>;

  constructor(name: string, args: VectorizeIndexArgs, options?: pulumi.CustomResourceOptions) {
    const { dimensions, metadataIndexes = [] } = args;
    if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAX_DIMENSIONS) {
      throw new pulumi.RunError(
        `Vectorize index ${name}: ${dimensions} dimensions, allowed are 1 to ${MAX_DIMENSIONS}`,
      );
    }
    if (metadataIndexes.length > MAX_METADATA_INDEXES) {
      throw new pulumi.RunError(
        `Vectorize index ${name}: ${metadataIndexes.length} metadata indexes, allowed are ${MAX_METADATA_INDEXES}`,
      );
    }
    const properties = metadataIndexes.map(({ propertyName }) => propertyName);
    const twice = properties.find((property, position) => properties.indexOf(property) !== position);
    if (twice !== undefined)
      throw new pulumi.RunError(`Vectorize index ${name}: metadata index ${twice} is there twice`);
    const sorted = [...metadataIndexes].sort((a, b) => (a.propertyName < b.propertyName ? -1 : 1));
    super(vectorizeIndexProvider, "VectorizeIndex", name, { ...args, metadataIndexes: sorted }, options);
  }
}

interface Properties {
  readonly accountId: string;
  readonly indexName: string;
  readonly dimensions: number;
  readonly metric: string;
  readonly metadataIndexes: MetadataIndex[];
}

/** Travels as text: see `ProviderFactory`. */
export function vectorizeIndexProvider({ cloudflareCaller }: ProviderTools): pulumi.dynamic.ResourceProvider {
  type Index = { config: { dimensions: number; metric: string } };
  type Where = Pick<Properties, "accountId" | "indexName">;

  let call: CallCloudflare | undefined;
  /** Looks at something that takes effect a little later, half a minute in all. */
  const TRIES = 30;
  const pause = (attempt: number) => new Promise((resolve) => setTimeout(resolve, Math.min(1_000, 50 * 2 ** attempt)));

  async function request(method: string, { accountId, indexName }: Where, rest = "", json?: unknown): Promise<unknown> {
    if (!call) throw new Error("the provider was not configured");
    const path = `/accounts/${accountId}/vectorize/v2/indexes/${encodeURIComponent(indexName)}${rest}`;
    return call(method, path, json === undefined ? {} : { json });
  }

  async function findIndex(where: Where): Promise<Index | undefined> {
    return (await request("GET", where)) as Index | undefined; // what the endpoint answers
  }

  /** Sorted by name, as the inputs are. */
  async function metadataIndexes(where: Where): Promise<MetadataIndex[]> {
    const answer = (await request("GET", where, "/metadata_index/list")) as
      | { metadataIndexes?: { propertyName: string; indexType: string }[] }
      | undefined; // what the endpoint answers
    return (answer?.metadataIndexes ?? [])
      .map(({ propertyName, indexType }) => ({
        propertyName,
        indexType: indexType.toLowerCase() as MetadataIndex["indexType"], // the API knows these three
      }))
      .sort((a, b) => (a.propertyName < b.propertyName ? -1 : 1));
  }

  const isIn = (list: readonly MetadataIndex[], { propertyName, indexType }: MetadataIndex) =>
    list.some((one) => one.propertyName === propertyName && one.indexType === indexType);

  /** Makes the metadata indexes what they shall be, and waits until they are. */
  async function arrange(properties: Properties): Promise<void> {
    const wanted = properties.metadataIndexes;
    const present = await metadataIndexes(properties);
    const extra = present.filter((one) => !isIn(wanted, one));
    const missing = wanted.filter((one) => !isIn(present, one));
    for (const { propertyName } of extra) await request("POST", properties, "/metadata_index/delete", { propertyName });
    // A property whose type changes has to be gone before it comes again.
    if (extra.length > 0) await settled(properties, (now) => !extra.some((one) => isIn(now, one)));
    for (const one of missing) await request("POST", properties, "/metadata_index/create", one);
    if (missing.length > 0) await settled(properties, (now) => missing.every((one) => isIn(now, one)));
  }

  async function settled(where: Where, isDone: (now: MetadataIndex[]) => boolean): Promise<void> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (isDone(await metadataIndexes(where))) return;
      await pause(attempt);
    }
    throw new Error("its metadata indexes have not changed yet; run again later");
  }

  /** @throws an error that also tells Pulumi what is there already */
  async function arrangeOrTell(properties: Properties): Promise<void> {
    try {
      await arrange(properties);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const failure = new Error(`Vectorize index ${properties.indexName}: ${reason}`);
      const present = await metadataIndexes(properties).catch(() => []);
      const unfinished = { id: properties.indexName, properties: { ...properties, metadataIndexes: present } };
      throw Object.assign(failure, unfinished, { reasons: [failure.message] });
    }
  }

  /** An index of this name that is there is taken over when it is the one that is wanted: a creation was interrupted. */
  async function checkExisting({ config }: Index, properties: Properties): Promise<void> {
    const { indexName, dimensions, metric } = properties;
    const advice = "delete it, or give this one another name";
    if (config.dimensions !== dimensions || config.metric !== metric) {
      const there = `${config.dimensions} dimensions and metric ${config.metric}`;
      throw new Error(`Vectorize index ${indexName} exists with ${there}: ${advice}`);
    }
    const present = await metadataIndexes(properties);
    if (properties.metadataIndexes.every((one) => isIn(present, one))) return;
    const info = (await request("GET", properties, "/info")) as { vectorCount?: number } | undefined; // what the endpoint answers
    if ((info?.vectorCount ?? 0) > 0) {
      throw new Error(`Vectorize index ${indexName} exists with vectors that no filter would find: ${advice}`);
    }
  }

  async function makeIndex(properties: Properties): Promise<void> {
    const { accountId, indexName, dimensions, metric } = properties;
    const json = { name: indexName, config: { dimensions, metric } };
    await call?.("POST", `/accounts/${accountId}/vectorize/v2/indexes`, { json });
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (await findIndex(properties)) return;
      await pause(attempt);
    }
    throw new Error(`Vectorize index ${indexName} was created and is not there yet; run again later`);
  }

  return {
    async configure({ config }) {
      call = cloudflareCaller(config);
    },

    async diff(_id, olds: Properties, news: Properties) {
      const fixed = ["accountId", "indexName", "dimensions", "metric"] as const;
      const replaces = fixed.filter((name) => olds[name] !== news[name]);
      const before = olds.metadataIndexes ?? [];
      const after = news.metadataIndexes ?? [];
      const changes = before.length !== after.length || !after.every((one) => isIn(before, one));
      // Two indexes of one name cannot stand beside each other.
      const deleteBeforeReplace = replaces.length > 0 && !replaces.includes("indexName");
      return { changes: changes || replaces.length > 0, replaces, deleteBeforeReplace };
    },

    async create(inputs: Properties) {
      const existing = await findIndex(inputs);
      if (existing) await checkExisting(existing, inputs);
      else await makeIndex(inputs);
      await arrangeOrTell(inputs);
      return { id: inputs.indexName, outs: inputs };
    },

    async update(_id, _olds, news: Properties) {
      await arrangeOrTell(news);
      return { outs: news };
    },

    async read(id, properties: Properties) {
      const where = { accountId: properties.accountId, indexName: id };
      const index = await findIndex(where);
      if (!index) return { id: "", props: {} };
      const { dimensions, metric } = index.config;
      const observed = { ...properties, ...where, dimensions, metric, metadataIndexes: await metadataIndexes(where) };
      return { id, props: observed, inputs: observed };
    },

    async delete(_id, { accountId, indexName }: Properties) {
      await request("DELETE", { accountId, indexName });
    },
  };
}
