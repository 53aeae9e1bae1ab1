import { crud, findInList } from "./crud.ts";
import { accountPath } from "./properties.ts";

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/ */
export const workersKvNamespace = crud({
  collection: (properties) => `${accountPath(properties)}/storage/kv/namespaces`,
  identifier: "id",
  body: ["title"],
  importId: ["accountId", "id"],
  replaceOn: ["accountId"],
  computed: ["id", "supportsUrlEncoding"],
  changesOnUpdate: ["supportsUrlEncoding"],
  findByName: (context, inputs) =>
    findInList(context, `${accountPath(inputs)}/storage/kv/namespaces`, ({ title }) => title === inputs.title),
});
