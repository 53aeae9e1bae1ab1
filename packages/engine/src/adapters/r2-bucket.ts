import type { ResourceAdapter } from "../adapter.ts";
import { type CrudSpecification, crud, decodeAnswer } from "./crud.ts";
import { accountPath, text } from "./properties.ts";
import { withoutNulls } from "./wire-names.ts";

const specification: CrudSpecification = {
  collection: (properties) => `${accountPath(properties)}/r2/buckets`,
  identifier: "name",
  body: ["name", "location", "storageClass"],
  complete: (inputs) => ({ storageClass: "Standard", jurisdiction: "default", ...inputs }),
  names: { renamed: { location: "locationHint", storageClass: "storageClass" } },
  headers: ({ jurisdiction }) => ({ "cf-r2-jurisdiction": String(jurisdiction ?? "default") }),
  keptWhenLeftOut: ["location", "jurisdiction", "storageClass"],
  importId: ["accountId", "name", "jurisdiction"],
  replaceOn: ["accountId", "name", "location?", "jurisdiction?"],
  computed: ["creationDate", "jurisdiction"],
  findByName: ({ client }, inputs) =>
    client.request("GET", bucketPath(inputs), {
      headers: { "cf-r2-jurisdiction": String(inputs.jurisdiction ?? "default") },
    }),
};

/** @see https://developers.cloudflare.com/api/resources/r2/subresources/buckets/ */
export const r2Bucket: ResourceAdapter = {
  ...crud(specification),

  /** Only the storage class can change, and it travels in a header. */
  async update({ client }, _id, olds, inputs) {
    const answer = await client.request("PATCH", bucketPath({ ...olds, ...inputs }), {
      headers: {
        "cf-r2-jurisdiction": String(inputs.jurisdiction ?? olds.jurisdiction ?? "default"),
        "cf-r2-storage-class": String(inputs.storageClass ?? "Standard"),
      },
    });
    const observed = withoutNulls(decodeAnswer(specification, answer)) as Record<string, unknown>; // an object stays one
    return { outputs: { ...olds, ...observed } };
  },
};

function bucketPath(properties: Record<string, unknown>): string {
  return `${accountPath(properties)}/r2/buckets/${encodeURIComponent(text(properties, "name"))}`;
}
