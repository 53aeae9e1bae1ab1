import type { Properties, ResourceAdapter } from "../adapter.ts";
import { crud } from "./crud.ts";
import { accountPath, text } from "./properties.ts";
import { scriptNames } from "./script-names.ts";

/** Which versions of a script answer, in per cent. The next deployment takes its place; none is deleted. @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/deployments/ */
export const workersDeployment: ResourceAdapter = {
  ...crud({
    collection: deploymentsPath,
    identifier: "id",
    body: ["annotations", "strategy", "versions"],
    names: scriptNames,
    importId: ["accountId", "scriptName", "id"],
    timestamps: ["createdOn"],
    keptWhenLeftOut: ["annotations"],
    replaceOn: ["accountId", "scriptName", "strategy", "versions", "annotations?"],
    computed: ["id", "authorEmail", "createdOn", "source"],
  }),

  async update() {
    throw new Error("a deployment cannot change: every change makes another one");
  },

  async delete() {},
};

function deploymentsPath(properties: Properties): string {
  return `${accountPath(properties)}/workers/scripts/${encodeURIComponent(text(properties, "scriptName"))}/deployments`;
}
