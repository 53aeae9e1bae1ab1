import { createHash, createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { AdapterContext, Properties } from "../adapter.ts";
import { sortKeys } from "../values.ts";
import { assetDirectory, assetManifest, manifestHash, uploadAssets } from "./assets.ts";
import { orGone } from "./crud.ts";
import { multipart } from "./multipart.ts";
import { accountPath, isObject, members, optionalText, pick, text } from "./properties.ts";
import { bindingsToWire, comparable, scriptNames } from "./script-names.ts";
import { fromWire, toWire, wholeSeconds, withoutNulls } from "./wire-names.ts";

/** Inputs that become the upload's metadata as they are; assets and bindings need more. */
export const METADATA = [
  "annotations",
  "bodyPart",
  "cacheOptions",
  "compatibilityDate",
  "compatibilityFlags",
  "exports",
  "keepAssets",
  "keepBindings",
  "limits",
  "logpush",
  "mainModule",
  "migrations",
  "observability",
  "packageDependencies",
  "placement",
  "tailConsumers",
  "usageModel",
];

/** What of the metadata belongs to a version. The rest is the script's, or cannot be said of a version that waits. */
const VERSION_METADATA = ["compatibilityDate", "compatibilityFlags", "limits", "mainModule", "placement", "usageModel"];

/** Inputs that can differ between two versions of a script that run side by side. */
export const VERSION_INPUTS: readonly string[] = [
  ...VERSION_METADATA,
  "assets",
  "bindings",
  "content",
  "contentFile",
  "contentSha256",
];

export const COMPUTED = [
  "createdOn",
  "etag",
  "handlers",
  "hasAssets",
  "hasModules",
  "lastDeployedFrom",
  "migrationTag",
  "modifiedOn",
  "namedHandlers",
  "placementMode",
  "placementStatus",
  "startupTimeMs",
];

/** Uploads a script as it is to be from now on, for all requests. */
export async function uploadScript(context: AdapterContext, inputs: Properties): Promise<Properties> {
  const sent = pick({ logpush: false, usageModel: "standard", ...inputs }, METADATA);
  const answer = await context.client.request("PUT", scriptPath(inputs), await uploadBody(context, inputs, sent));
  return scriptOutputs(context, inputs, answer);
}

/**
 * Uploads a script as a version that no request goes to yet.
 *
 * @param annotations by their names on the wire, e.g. `workers/message`
 * @returns the version's id
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/versions/methods/create/
 */
export async function uploadVersion(
  context: AdapterContext,
  inputs: Properties,
  annotations: Readonly<Record<string, string>>,
): Promise<string> {
  const sent = pick({ usageModel: "standard", ...inputs }, VERSION_METADATA);
  const body = await uploadBody(context, inputs, sent, annotations);
  return text(members(await context.client.request("POST", `${scriptPath(inputs)}/versions`, body)), "id");
}

/** What the state keeps of a script that runs as the inputs say. */
export async function scriptOutputs(
  { projectDirectory }: Pick<AdapterContext, "projectDirectory">,
  inputs: Properties,
  answer: unknown,
): Promise<Properties> {
  const directory = assetDirectory(inputs, projectDirectory);
  return {
    logpush: false,
    usageModel: "standard",
    ...(withoutNulls(decodeScript(answer)) as Properties), // an object stays one
    ...(directory !== undefined && { assets: { assetManifestSha256: manifestHash(await assetManifest(directory)) } }),
  };
}

/**
 * Says of a version what it is made of, as 16 hexadecimal digits that tell nothing of its secrets.
 *
 * @param key that nobody else knows
 */
export async function versionFingerprint(inputs: Properties, projectDirectory: string, key: string): Promise<string> {
  const directory = assetDirectory(inputs, projectDirectory);
  const { contentFile: _, assets, ...made } = comparable(pick(inputs, VERSION_INPUTS));
  const facts = {
    ...made,
    ...(assets !== undefined && { assets: pick(members(assets), ["config"]) }),
    ...(directory !== undefined && { files: manifestHash(await assetManifest(directory)) }),
  };
  return createHmac("sha256", key)
    .update(JSON.stringify(sortKeys(facts)))
    .digest("hex")
    .slice(0, 16);
}

export function decodeScript(answer: unknown): Properties {
  const observed = members(fromWire(answer, scriptNames));
  for (const name of ["createdOn", "modifiedOn"]) {
    if (observed[name] !== undefined) observed[name] = wholeSeconds(observed[name]);
  }
  return pick(observed, [...METADATA, ...COMPUTED]);
}

/** The script as its service shows it; undefined when there is none. */
export async function currentScript(
  { client }: AdapterContext,
  properties: Properties,
  scriptName: string,
): Promise<unknown> {
  const path = `${accountPath(properties)}/workers/services/${encodeURIComponent(scriptName)}`;
  const service = await orGone(client.request("GET", path));
  return service === undefined ? undefined : members(members(members(service).default_environment).script);
}

export function scriptPath(properties: Properties, scriptName = text(properties, "scriptName")): string {
  return `${accountPath(properties)}/workers/scripts/${encodeURIComponent(scriptName)}`;
}

async function uploadBody(
  context: AdapterContext,
  inputs: Properties,
  sent: Properties,
  annotations?: Readonly<Record<string, string>>,
) {
  const { projectDirectory } = context;
  const scriptName = text(inputs, "scriptName");
  const mainModule = text(inputs, "mainModule");
  const directory = assetDirectory(inputs, projectDirectory);
  const jwt = directory && (await uploadAssets(context, { inputs, scriptName, directory }));
  const content =
    typeof inputs.contentFile === "string"
      ? await readFile(resolve(projectDirectory, inputs.contentFile))
      : text(inputs, "content");
  const metadata = {
    ...members(toWire(sent, scriptNames)),
    ...(annotations && { annotations }),
    ...(isObject(inputs.assets) && {
      assets: {
        ...members(toWire(pick(inputs.assets, ["config", "jwt"]), scriptNames)),
        ...(jwt !== undefined && { jwt }),
      },
    }),
    ...(inputs.bindings !== undefined && { bindings: bindingsToWire(inputs.bindings) }),
  };
  return multipart([
    {
      name: mainModule,
      filename: mainModule,
      contentType: optionalText(inputs, "contentType") ?? "application/javascript+module",
      body: content,
    },
    { name: "metadata", contentType: "application/json", body: JSON.stringify(metadata) },
  ]);
}

/** The SHA-256 of a file in hexadecimal digits; undefined when it cannot be read. */
export async function fileHash(path: string): Promise<string | undefined> {
  const content = await readFile(path).catch(() => undefined);
  return content && createHash("sha256").update(content).digest("hex");
}
