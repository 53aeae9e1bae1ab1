import type { Properties, ResourceAdapter } from "../adapter.ts";
import { countedPages } from "./counted.ts";
import { crud, findInList } from "./crud.ts";
import { accountPath } from "./properties.ts";

const usual = crud({
  collection: namespacesPath,
  identifier: "id",
  body: ["title"],
  importId: ["accountId", "id"],
  replaceOn: ["accountId"],
  computed: ["id", "supportsUrlEncoding"],
  changesOnUpdate: ["supportsUrlEncoding"],
  findByName: (context, inputs) => findInList(context, namespacesPath(inputs), ({ title }) => title === inputs.title),
});

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/ */
export const workersKvNamespace: ResourceAdapter = {
  ...usual,

  lostWith: ({ client }, id, outputs) =>
    countedPages(client, `${namespacesPath(outputs)}/${encodeURIComponent(id)}/keys?limit=1000`, "key"),
};

function namespacesPath(properties: Properties): string {
  return `${accountPath(properties)}/storage/kv/namespaces`;
}
