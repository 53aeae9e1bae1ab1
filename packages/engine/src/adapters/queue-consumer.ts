import type { Properties, ResourceAdapter } from "../adapter.ts";
import { type CrudSpecification, crud } from "./crud.ts";
import { accountPath, items, text } from "./properties.ts";

const specification: CrudSpecification = {
  collection: consumersPath,
  identifier: "consumerId",
  body: ["deadLetterQueue", "scriptName", "settings", "type"],
  keptWhenLeftOut: ["settings", "scriptName"],
  importId: ["accountId", "queueId", "consumerId"],
  timestamps: ["createdOn"],
  replaceOn: ["accountId", "queueId"],
  computed: ["consumerId", "createdOn", "queueName"],
  changesOnUpdate: ["settings"],
  /** A queue has at most one consumer of a script. */
  async findByName({ client }, inputs) {
    const consumers = items(await client.request("GET", consumersPath(inputs)));
    return consumers.find((found) => (found.script_name ?? found.script) === inputs.scriptName);
  },
};

const usual = crud(specification);

/** @see https://developers.cloudflare.com/api/resources/queues/subresources/consumers/ */
export const queueConsumer: ResourceAdapter = {
  ...usual,

  /** A dead-letter queue that the program no longer names is taken away by an explicit `null`. */
  async update(context, id, olds, inputs) {
    const removed = olds.deadLetterQueue !== undefined && inputs.deadLetterQueue === undefined;
    const { outputs } = await usual.update(context, id, olds, removed ? { ...inputs, deadLetterQueue: null } : inputs);
    return { outputs: removed ? without(outputs, "deadLetterQueue") : outputs };
  },
};

function consumersPath(properties: Properties): string {
  return `${accountPath(properties)}/queues/${encodeURIComponent(text(properties, "queueId"))}/consumers`;
}

function without(properties: Properties, name: string): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => key !== name));
}
