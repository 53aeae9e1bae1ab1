import { crud } from "./crud.ts";
import { accountPath, items, text } from "./properties.ts";

/** @see https://developers.cloudflare.com/api/resources/queues/ */
export const queue = crud({
  collection: (properties) => `${accountPath(properties)}/queues`,
  identifier: "queueId",
  body: ["queueName", "settings"],
  keptWhenLeftOut: ["settings"],
  importId: ["accountId", "queueId"],
  replaceOn: ["accountId"],
  computed: [
    "queueId",
    "consumers",
    "consumersTotalCount",
    "createdOn",
    "modifiedOn",
    "producers",
    "producersTotalCount",
  ],
  changesOnUpdate: ["consumers", "consumersTotalCount", "createdOn", "modifiedOn", "producers", "producersTotalCount"],
  async findByName({ client }, inputs) {
    const name = text(inputs, "queueName");
    const named = items(await client.request("GET", `${accountPath(inputs)}/queues?name=${encodeURIComponent(name)}`));
    return named.find((found) => found.queue_name === name);
  },
});
