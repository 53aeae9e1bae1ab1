import type { Properties, ResourceAdapter } from "../adapter.ts";
import { counted } from "./counted.ts";
import { crud, orGone } from "./crud.ts";
import { accountPath, items, members, text } from "./properties.ts";

const usual = crud({
  collection: queuesPath,
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
    const named = items(await client.request("GET", `${queuesPath(inputs)}?name=${encodeURIComponent(name)}`));
    return named.find((found) => found.queue_name === name);
  },
});

/** @see https://developers.cloudflare.com/api/resources/queues/ */
export const queue: ResourceAdapter = {
  ...usual,

  /** Messages that wait or are under way; Cloudflare's count may be some seconds old. */
  async lostWith({ client }, id, outputs) {
    const metrics = await orGone(client.request("GET", `${queuesPath(outputs)}/${encodeURIComponent(id)}/metrics`));
    if (metrics === undefined) return undefined;
    const count = members(metrics)["backlog_count"];
    if (typeof count !== "number") throw new TypeError("the API does not say how many messages are in the queue");
    if (count === 0) return undefined;
    return `about ${counted(count, "message")} that nothing has consumed yet`;
  },
};

function queuesPath(properties: Properties): string {
  return `${accountPath(properties)}/queues`;
}
