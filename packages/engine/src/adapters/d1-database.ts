import { crud } from "./crud.ts";
import { accountPath, items, text } from "./properties.ts";

/** @see https://developers.cloudflare.com/api/resources/d1/subresources/database/ */
export const d1Database = crud({
  collection: (properties) => `${accountPath(properties)}/d1/database`,
  identifier: "uuid",
  body: ["name", "primaryLocationHint", "jurisdiction", "readReplication"],
  updateBody: ["name", "readReplication"],
  importId: ["accountId", "uuid"],
  timestamps: ["createdAt"],
  replaceOn: ["accountId", "name", "jurisdiction", "primaryLocationHint"],
  computed: ["uuid", "createdAt", "fileSize", "numTables", "version"],
  changesOnUpdate: ["createdAt", "fileSize", "numTables", "version"],
  async findByName({ client }, inputs) {
    const name = text(inputs, "name");
    const path = `${accountPath(inputs)}/d1/database`;
    const named = items(await client.request("GET", `${path}?name=${encodeURIComponent(name)}`));
    const match = named.find((database) => database.name === name);
    // A list's entry has no `read_replication`.
    return match && client.request("GET", `${path}/${encodeURIComponent(text(match, "uuid"))}`);
  },
});
