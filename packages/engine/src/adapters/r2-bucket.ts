import type { Properties, ResourceAdapter } from "../adapter.ts";
import { countedPages } from "./counted.ts";
import { type CrudSpecification, crud, decodeAnswer } from "./crud.ts";
import { accountPath, optionalText, text } from "./properties.ts";
import { withoutNulls } from "./wire-names.ts";

const specification: CrudSpecification = {
  collection: (properties) => `${accountPath(properties)}/r2/buckets`,
  identifier: "name",
  body: ["name", "location", "storageClass"],
  complete: (inputs) => ({ storageClass: "Standard", jurisdiction: "default", ...inputs }),
  names: { renamed: { location: "locationHint", storageClass: "storageClass" } },
  headers: jurisdictionHeader,
  keptWhenLeftOut: ["location", "jurisdiction", "storageClass"],
  importId: ["accountId", "name", "jurisdiction"],
  replaceOn: ["accountId", "name", "location?", "jurisdiction?"],
  computed: ["creationDate", "jurisdiction"],
  findByName: ({ client }, inputs) =>
    client.request("GET", bucketPath(inputs), { headers: jurisdictionHeader(inputs) }),
};

/** @see https://developers.cloudflare.com/api/resources/r2/subresources/buckets/ */
export const r2Bucket: ResourceAdapter = {
  ...crud(specification),

  lostWith: ({ client }, _id, outputs) =>
    countedPages(client, `${bucketPath(outputs)}/objects?per_page=1000`, "object", {
      headers: jurisdictionHeader(outputs),
    }),

  /** Only the storage class can change, and it travels in a header. */
  async update({ client }, _id, olds, inputs) {
    const now = { ...olds, ...inputs };
    const answer = await client.request("PATCH", bucketPath(now), {
      headers: {
        ...jurisdictionHeader(now),
        "cf-r2-storage-class": optionalText(inputs, "storageClass") ?? "Standard",
      },
    });
    const observed = withoutNulls(decodeAnswer(specification, answer)) as Properties; // an object stays one
    return { outputs: { ...olds, ...observed } };
  },
};

function jurisdictionHeader(properties: Properties): Record<string, string> {
  return { "cf-r2-jurisdiction": optionalText(properties, "jurisdiction") ?? "default" };
}

function bucketPath(properties: Properties): string {
  return `${accountPath(properties)}/r2/buckets/${encodeURIComponent(text(properties, "name"))}`;
}
