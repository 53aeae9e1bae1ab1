import { crud } from "./crud.ts";
import { accountPath, items, text } from "./properties.ts";

/** A hostname that leads to a script; nothing of it changes in place. @see https://developers.cloudflare.com/api/resources/workers/subresources/domains/ */
export const workersCustomDomain = crud({
  collection: (properties) => `${accountPath(properties)}/workers/domains`,
  identifier: "id",
  createMethod: "PUT",
  body: ["environment", "hostname", "service", "zoneId", "zoneName"],
  keptWhenLeftOut: ["environment", "zoneId", "zoneName"],
  importId: ["accountId", "id"],
  replaceOn: ["accountId", "hostname", "service", "environment?", "zoneId?", "zoneName?"],
  computed: ["id", "certId"],
  changesOnUpdate: ["certId", "zoneName"],
  // A hostname has one script: making the new one first and then deleting the old one would leave none.
  deleteBeforeReplace: true,
  async findByName({ client }, inputs) {
    const hostname = text(inputs, "hostname");
    const path = `${accountPath(inputs)}/workers/domains?hostname=${encodeURIComponent(hostname)}`;
    return items(await client.request("GET", path)).find(
      (found) => found.hostname === hostname && found.service === inputs.service,
    );
  },
});
