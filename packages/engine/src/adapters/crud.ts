import type { AdapterContext, Properties, ResourceAdapter } from "../adapter.ts";
import { CloudflareApiError } from "../cloudflare-client.ts";
import { compareInputs } from "./compare-inputs.ts";
import { observedInputs } from "./observed-inputs.ts";
import { isObject, items, merge, pick, text } from "./properties.ts";
import { fromWire, toWire, type WireNames, wholeSeconds, withoutNulls } from "./wire-names.ts";

/** A resource that lives in a collection: POST there, then GET, PUT and DELETE below it. */
export interface CrudSpecification {
  /** The collection's path, from the properties, e.g. `/accounts/A/queues`. */
  readonly collection: (properties: Properties) => string;
  /** The property that tells one from the other below the collection, e.g. `queueId`. */
  readonly identifier: string;
  /** Inputs sent in the body; what is in the path (`accountId`…) is not. */
  readonly body: readonly string[];
  /** The part of the body sent on update. @default body */
  readonly updateBody?: readonly string[];
  /** @default "POST" */
  readonly createMethod?: "POST" | "PUT";
  /** Adds what the provider's plan adds where the program says nothing. */
  readonly complete?: (inputs: Properties) => Properties;
  readonly names?: WireNames;
  /** Headers of every call, e.g. R2's jurisdiction. */
  readonly headers?: (properties: Properties) => Record<string, string>;
  /** Properties kept in whole seconds. */
  readonly timestamps?: readonly string[];
  /** Inputs that stay as they are when the program no longer sets them: no change. */
  readonly keptWhenLeftOut?: readonly string[];
  /** The parts of an import id, e.g. `["accountId", "queueId"]`. */
  readonly importId: readonly string[];
  readonly replaceOn: readonly string[];
  readonly computed: readonly string[];
  readonly changesOnUpdate?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
  /** Looks up an interrupted create's result by its natural name and gives the API's own object. */
  readonly findByName?: (context: AdapterContext, inputs: Properties) => Promise<unknown>;
}

/** The adapter of a resource that is made, read, changed and deleted in the usual way. */
export function crud(specification: CrudSpecification): ResourceAdapter {
  const { body, collection, deleteBeforeReplace, findByName, identifier } = specification;
  const complete = specification.complete ?? ((inputs: Properties) => inputs);
  const encode = (inputs: Properties, properties = body) =>
    toWire(pick(complete(inputs), properties), specification.names);
  const decode = (answer: unknown) => decodeAnswer(specification, answer);
  const withHeaders = (properties: Properties) =>
    specification.headers ? { headers: specification.headers(properties) } : {};
  const item = (properties: Properties, id: string) => {
    const known = properties[identifier];
    return `${collection(properties)}/${encodeURIComponent(typeof known === "string" ? known : lastSegment(id))}`;
  };
  const made = (inputs: Properties, answer: unknown) => {
    const observed = decode(answer);
    const completed = pick(complete(inputs), [...body, ...specification.computed]);
    return { id: text(observed, identifier), outputs: merge(completed, prune(observed)) as Properties };
  };

  return {
    replaceOn: specification.replaceOn,
    computed: specification.computed,
    changesOnUpdate: specification.changesOnUpdate ?? [],
    ...(deleteBeforeReplace && { deleteBeforeReplace }),

    ...(specification.keptWhenLeftOut && {
      async diff(olds: { inputs: Properties }, news: Properties) {
        return compareInputs(olds.inputs, news, specification);
      },
    }),

    async create({ client }, inputs) {
      const request = { json: encode(inputs), ...withHeaders(inputs) };
      return made(inputs, await client.request(specification.createMethod ?? "POST", collection(inputs), request));
    },

    async read({ client }, id, outputs, inputs) {
      const before = { ...inputs, ...outputs };
      const answer = await orGone(client.request("GET", item(before, id), withHeaders(before)));
      if (answer === undefined) return undefined;
      const observed = decode(answer);
      const imported = Object.keys(outputs).length === 0;
      return {
        id: text(observed, identifier),
        inputs: imported ? { ...inputs, ...pick(prune(observed), body) } : observedInputs(inputs, observed),
        outputs: prune({ ...before, ...observed }),
      };
    },

    async update({ client }, id, olds, inputs) {
      const request = { json: encode(inputs, specification.updateBody), ...withHeaders(inputs) };
      const answer = await client.request("PUT", item({ ...olds, ...inputs }, id), request);
      return { outputs: { ...pick(olds, specification.computed), ...made(inputs, answer).outputs } };
    },

    async delete({ client }, id, outputs) {
      await orGone(client.request("DELETE", item(outputs, id), withHeaders(outputs)));
    },

    ...(findByName && {
      async find(context: AdapterContext, inputs: Properties) {
        const answer = await orGone(findByName(context, inputs));
        return answer === undefined ? undefined : made(inputs, answer);
      },
    }),

    importInputs: (id) => {
      const parts = splitImportId(id, specification.importId);
      return specification.computed.includes(identifier) ? omit(parts, identifier) : parts;
    },
  };
}

/** The API's object in Pulumi's names, only what the resource has; `null` stays. */
export function decodeAnswer(
  specification: Pick<CrudSpecification, "body" | "computed" | "identifier" | "names" | "timestamps">,
  answer: unknown,
): Properties {
  const observed = fromWire(answer, specification.names);
  if (!isObject(observed)) throw new TypeError(`an object expected, the API answered ${JSON.stringify(answer)}`);
  for (const name of specification.timestamps ?? []) {
    if (observed[name] !== undefined) observed[name] = wholeSeconds(observed[name]);
  }
  return pick(observed, [...specification.body, ...specification.computed, specification.identifier]);
}

/** What the API answered, or `undefined` where it says 404. */
export async function orGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof CloudflareApiError && error.status === 404) return undefined;
    throw error;
  }
}

/**
 * Splits an import id, e.g. `account/queue`, into properties.
 * @throws when it has not as many parts
 */
export function splitImportId(id: string, parts: readonly string[]): Properties {
  const values = id.split("/");
  if (values.length !== parts.length || values.includes("")) {
    throw new Error(`import id ${JSON.stringify(id)}: expected ${parts.map((part) => `<${part}>`).join("/")}`);
  }
  return Object.fromEntries(parts.map((part, index) => [part, values[index]]));
}

/**
 * Looks through a paged list for the first match.
 * @param path of the list, without a query
 */
export async function findInList(
  { client }: AdapterContext,
  path: string,
  matches: (item: Properties) => boolean,
): Promise<Properties | undefined> {
  const perPage = 100;
  for (let page = 1; ; page++) {
    const list = items(await client.request("GET", `${path}?page=${page}&per_page=${perPage}`));
    const match = list.find(matches);
    if (match || list.length < perPage) return match;
  }
}

/** The own part of an id that was imported as `account/…/id`. */
export function lastSegment(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

function prune(observed: Properties): Properties {
  return withoutNulls(observed) as Properties; // an object stays one
}

function omit(properties: Properties, name: string): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => key !== name));
}
