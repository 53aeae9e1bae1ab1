import type { AdapterContext, Properties, ResourceAdapter } from "../adapter.ts";
import { compareInputs } from "./compare-inputs.ts";
import { orGone, splitImportId } from "./crud.ts";
import { observedInputs } from "./observed-inputs.ts";
import { accountPath, members, pick, text } from "./properties.ts";
import { fromWire, toWire } from "./wire-names.ts";

const BODY = ["enabled", "previewsEnabled"];
const REPLACE_ON = ["accountId", "scriptName"];

/** Whether a script answers on workers.dev. @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/subdomain/ */
export const workersScriptSubdomain: ResourceAdapter = {
  replaceOn: REPLACE_ON,
  computed: [],

  async diff(olds, news) {
    return compareInputs(olds.inputs, news, { replaceOn: REPLACE_ON, keptWhenLeftOut: ["previewsEnabled"] });
  },

  async create(context, inputs) {
    return { id: text(inputs, "scriptName"), outputs: await post(context, inputs) };
  },

  async read({ client }, _id, outputs, inputs) {
    const before = { ...inputs, ...outputs };
    const answer = await orGone(client.request("GET", subdomainPath(before)));
    if (answer === undefined) return undefined;
    const observed = pick(members(fromWire(answer)), BODY);
    return {
      id: text(before, "scriptName"),
      inputs: Object.keys(outputs).length === 0 ? { ...inputs, ...observed } : observedInputs(inputs, observed),
      outputs: { ...before, ...observed },
    };
  },

  async update(context, _id, _olds, inputs) {
    return { outputs: await post(context, inputs) };
  },

  async delete({ client }, _id, outputs) {
    await orGone(client.request("DELETE", subdomainPath(outputs)));
  },

  importInputs: (id) => splitImportId(id, ["accountId", "scriptName"]),
};

/** The real provider keeps the account's id as the resource's, and the script's name in its output `id`. */
async function post({ client }: AdapterContext, inputs: Properties): Promise<Properties> {
  const answer = await client.request("POST", subdomainPath(inputs), { json: toWire(pick(inputs, BODY)) });
  return { id: text(inputs, "scriptName"), ...pick(members(fromWire(answer)), BODY) };
}

function subdomainPath(properties: Properties): string {
  return `${accountPath(properties)}/workers/scripts/${encodeURIComponent(text(properties, "scriptName"))}/subdomain`;
}
