import type { AdapterContext, Properties, ResourceAdapter } from "../adapter.ts";
import { orGone, splitImportId } from "./crud.ts";
import { accountPath, items, members, text } from "./properties.ts";
import { fromWire } from "./wire-names.ts";

/** All schedules of a script at once. @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/schedules/ */
export const workersCronTrigger: ResourceAdapter = {
  replaceOn: ["accountId", "scriptName"],
  computed: [],
  changesOnUpdate: ["schedules"],

  async create(context, inputs) {
    return { id: text(inputs, "scriptName"), outputs: await put(context, inputs) };
  },

  async read({ client }, _id, outputs, inputs) {
    const before = { ...inputs, ...outputs };
    const answer = await orGone(client.request("GET", schedulesPath(before)));
    if (answer === undefined) return undefined;
    const schedules = decodeSchedules(answer);
    return {
      id: text(before, "scriptName"),
      inputs: { ...inputs, schedules: schedules.map(({ cron }) => ({ cron })) },
      outputs: { ...before, schedules },
    };
  },

  async update(context, _id, _olds, inputs) {
    return { outputs: await put(context, inputs) };
  },

  /** As the provider does: schedules go with their script. A program that wants none says `schedules: []`. */
  async delete() {},

  importInputs: (id) => splitImportId(id, ["accountId", "scriptName"]),
};

async function put({ client }: AdapterContext, inputs: Properties): Promise<Properties> {
  const json = items(inputs.schedules).map(({ cron }) => ({ cron }));
  return { schedules: decodeSchedules(await client.request("PUT", schedulesPath(inputs), { json })) };
}

function decodeSchedules(answer: unknown): Properties[] {
  return items(fromWire(members(answer).schedules)).map(({ cron, createdOn, modifiedOn }) => ({
    cron,
    ...(createdOn != null && { createdOn }),
    ...(modifiedOn != null && { modifiedOn }),
  }));
}

function schedulesPath(properties: Properties): string {
  return `${accountPath(properties)}/workers/scripts/${encodeURIComponent(text(properties, "scriptName"))}/schedules`;
}
