import type { Properties } from "../adapter.ts";
import { crud } from "./crud.ts";
import { accountPath, isObject, members, text } from "./properties.ts";

/** A Worker without its versions. @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/ */
export const worker = crud({
  collection: (properties) => `${accountPath(properties)}/workers/workers`,
  identifier: "id",
  body: ["logpush", "name", "observability", "subdomain", "tags", "tailConsumers"],
  complete: (inputs) => ({
    logpush: false,
    tags: [],
    tailConsumers: [],
    ...inputs,
    observability: completeObservability(members(inputs.observability)),
    subdomain: { enabled: false, ...members(inputs.subdomain) },
  }),
  importId: ["accountId", "id"],
  timestamps: ["createdOn", "deployedOn", "updatedOn"],
  keptWhenLeftOut: ["observability", "tags", "tailConsumers", "subdomain", "logpush"],
  replaceOn: ["accountId"],
  computed: ["id", "createdOn", "deployedOn", "references", "updatedOn"],
  changesOnUpdate: ["references", "updatedOn"],
  findByName: ({ client }, inputs) =>
    client.request("GET", `${accountPath(inputs)}/workers/workers/${encodeURIComponent(text(inputs, "name"))}`),
});

/** The defaults of the provider's plan. `logs` has some only where the program does not set it. */
function completeObservability(observability: Properties): Properties {
  const { logs, traces } = observability;
  return {
    enabled: false,
    headSamplingRate: 1,
    ...observability,
    ...(isObject(logs) && {
      logs: { destinations: [], enabled: false, headSamplingRate: 1, invocationLogs: true, persist: true, ...logs },
    }),
    traces: { destinations: [], enabled: false, headSamplingRate: 1, persist: true, ...members(traces) },
  };
}
