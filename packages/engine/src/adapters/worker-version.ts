import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { AdapterContext, Properties, ResourceAdapter } from "../adapter.ts";
import { assetDirectory, assetManifest, manifestHash, uploadAssets } from "./assets.ts";
import { compareInputs } from "./compare-inputs.ts";
import { lastSegment, orGone, splitImportId } from "./crud.ts";
import { accountPath, isObject, items, members, pick, sortedByName, text } from "./properties.ts";
import { bindingsToWire, comparable, scriptNames } from "./script-names.ts";
import { fromWire, toWire, wholeSeconds, withoutNulls } from "./wire-names.ts";

const BODY = [
  "annotations",
  "cacheOptions",
  "compatibilityDate",
  "compatibilityFlags",
  "containers",
  "limits",
  "mainModule",
  "migrations",
  "packageDependencies",
  "placement",
  "usageModel",
];

const COMPUTED = ["id", "createdOn", "mainScriptBase64", "migrationTag", "number", "source", "startupTimeMs", "urls"];

const REPLACE_ON = [
  "accountId",
  "annotations?",
  "assets?",
  "bindings?",
  "cacheOptions?",
  "compatibilityDate",
  "compatibilityFlags?",
  "containers",
  "limits?",
  "mainModule",
  "migrations",
  "modules",
  "packageDependencies",
  "placement",
  "usageModel?",
  "workerId",
];

const KEPT = ["annotations", "assets", "bindings", "cacheOptions", "compatibilityFlags", "limits", "usageModel"];

/** One immutable version of a Worker. It is never deleted: the API cannot. @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/subresources/versions/ */
export const workerVersion: ResourceAdapter = {
  replaceOn: REPLACE_ON,
  computed: COMPUTED,
  // With `contentSha256`, by which the provider knows whether a module has changed.
  ownOutputs: ["modules"],
  secretInputs: ["bindings[*].text", "bindings[*].keyBase64", "bindings[*].keyJwk", "assets.jwt"],

  async diff(olds, news, { projectDirectory }) {
    const hashes = async (inputs: Properties) => (await modules(inputs, projectDirectory)).map(identity);
    const recorded = sortedByName(items(olds.outputs.modules)).map(identity);
    const before = recorded.every(({ contentSha256 }) => contentSha256) ? recorded : await hashes(olds.inputs);
    const { changed, replace } = compareInputs(
      { ...comparable(olds.inputs), modules: before },
      { ...comparable(news), modules: await hashes(news) },
      { replaceOn: REPLACE_ON, keptWhenLeftOut: KEPT },
    );
    const directory = assetDirectory(news, projectDirectory);
    const assetsBefore = members(olds.outputs.assets).assetManifestSha256;
    if (directory === undefined || manifestHash(await assetManifest(directory)) === assetsBefore)
      return { changed, replace };
    return { changed: [...new Set([...changed, "assets"])], replace: [...new Set([...replace, "assets"])] };
  },

  async create(context, inputs) {
    const { projectDirectory, client } = context;
    const uploaded = await modules(inputs, projectDirectory);
    const directory = assetDirectory(inputs, projectDirectory);
    const answer = await client.request("POST", versionsPath(inputs), {
      json: {
        ...members(toWire(pick({ usageModel: "standard", ...inputs }, BODY), scriptNames)),
        ...(isObject(inputs.assets) && { assets: await assets(context, inputs, inputs.assets, directory) }),
        ...(inputs.bindings !== undefined && { bindings: bindingsToWire(inputs.bindings) }),
        ...(inputs.modules !== undefined && {
          modules: uploaded.map((module) => toWire(pick(module, ["contentBase64", "contentType", "name"]))),
        }),
      },
    });
    const outputs = decode(answer);
    return {
      id: text(outputs, "id"),
      outputs: {
        ...outputs,
        ...(inputs.modules !== undefined && { modules: uploaded.map(remembered) }),
        ...(directory !== undefined && {
          assets: { assetManifestSha256: manifestHash(await assetManifest(directory)) },
        }),
      },
    };
  },

  async read({ client }, id, outputs, inputs) {
    const before = { ...inputs, ...outputs };
    const path = `${versionsPath(before)}/${encodeURIComponent(lastSegment(id))}?include=modules`;
    const answer = await orGone(client.request("GET", path));
    if (answer === undefined) return undefined;
    return { id: lastSegment(id), inputs, outputs: { ...before, ...pick(outputs, ["modules"]), ...decode(answer) } };
  },

  async update() {
    throw new Error("a version of a Worker cannot change: every change makes another one");
  },

  async delete() {},

  importInputs: (id) => pick(splitImportId(id, ["accountId", "workerId", "id"]), ["accountId", "workerId"]),
};

/** The modules ordered by name, with their content and its hash. */
async function modules(inputs: Properties, projectDirectory: string): Promise<Properties[]> {
  return Promise.all(
    sortedByName(items(inputs.modules)).map(async (module) => {
      const content =
        typeof module.contentFile === "string"
          ? await readFile(resolve(projectDirectory, module.contentFile))
          : Buffer.from(text(module, "contentBase64"), "base64");
      const contentSha256 = createHash("sha256").update(content).digest("hex");
      return { ...module, contentBase64: content.toString("base64"), contentSha256 };
    }),
  );
}

/** The state has a module's file or its content, not both. */
function remembered(module: Properties): Properties {
  return pick(module, [
    "contentSha256",
    "contentType",
    "name",
    module.contentFile === undefined ? "contentBase64" : "contentFile",
  ]);
}

function identity(module: Properties): Properties {
  return pick(module, ["contentSha256", "contentType", "name"]);
}

async function assets(
  context: AdapterContext,
  inputs: Properties,
  said: Properties,
  directory: string | undefined,
): Promise<Properties> {
  const sent = members(toWire(pick(said, ["config", "jwt"]), scriptNames));
  if (directory === undefined) return sent;
  const path = `${accountPath(inputs)}/workers/workers/${encodeURIComponent(text(inputs, "workerId"))}`;
  const scriptName = text(members(await context.client.request("GET", path)), "name");
  return { ...sent, jwt: await uploadAssets(context, { inputs, scriptName, directory }) };
}

function decode(answer: unknown): Properties {
  const observed = members(withoutNulls(fromWire(answer, scriptNames)));
  if (observed.createdOn !== undefined) observed.createdOn = wholeSeconds(observed.createdOn);
  return pick(observed, [...BODY, ...COMPUTED]);
}

function versionsPath(properties: Properties): string {
  return `${accountPath(properties)}/workers/workers/${encodeURIComponent(text(properties, "workerId"))}/versions`;
}
