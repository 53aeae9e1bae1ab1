import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { AdapterContext, AdapterPlanContext, CheckFailure, Properties, ResourceAdapter } from "../adapter.ts";
import { assetDirectory, assetManifest, manifestHash, uploadAssets } from "./assets.ts";
import { compareInputs } from "./compare-inputs.ts";
import { lastSegment, orGone, splitImportId } from "./crud.ts";
import { multipart } from "./multipart.ts";
import { observedInputs } from "./observed-inputs.ts";
import { accountPath, isObject, members, optionalText, pick, text } from "./properties.ts";
import { bindingsToWire, comparable, observedBindings, scriptNames } from "./script-names.ts";
import { storedObjects } from "./stored-objects.ts";
import { fromWire, toWire, wholeSeconds, withoutNulls } from "./wire-names.ts";

/** Inputs that become the upload's metadata as they are; assets and bindings need more. */
const METADATA = [
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

const COMPUTED = [
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

const REPLACE_ON = ["accountId", "scriptName"];

/** A Worker's script of one module: every create and update is the whole upload, assets and migrations too. */
export const workersScript: ResourceAdapter = {
  replaceOn: REPLACE_ON,
  computed: COMPUTED,
  changesOnUpdate: [...COMPUTED.filter((name) => name !== "createdOn"), "annotations", "placement", "tailConsumers"],
  secretInputs: ["bindings[*].text", "bindings[*].keyBase64", "bindings[*].keyJwk", "assets.jwt"],

  async diff(olds, news, { projectDirectory }) {
    const { changed, replace } = compareInputs(comparable(olds.inputs), comparable(news), { replaceOn: REPLACE_ON });
    const directory = assetDirectory(news, projectDirectory);
    const before = members(olds.outputs.assets).assetManifestSha256;
    const assetsChanged = directory !== undefined && manifestHash(await assetManifest(directory)) !== before;
    return { changed: assetsChanged && !changed.includes("assets") ? [...changed, "assets"] : changed, replace };
  },

  check: checkScript,

  lostWith: (context, id, outputs) => storedObjects(context, lastSegment(id), outputs),

  async create(context, inputs) {
    return { id: text(inputs, "scriptName"), outputs: await upload(context, inputs) };
  },

  async read(context, id, outputs, inputs) {
    const before = { ...inputs, ...outputs };
    const scriptName = typeof before.scriptName === "string" ? before.scriptName : lastSegment(id);
    const script = await currentScript(context, before, scriptName);
    if (script === undefined) return undefined;
    const path = `${scriptPath(before, scriptName)}`;
    const settings = await orGone(context.client.request("GET", `${path}/settings`));
    if (settings === undefined) return undefined;
    const contentSha256 = await contentHash(context, `${path}/content/v2`);

    const observed: Properties = {
      ...decode(script),
      ...pick(
        decode(settings),
        [...METADATA, "migrationTag"].filter((name) => name !== "mainModule"),
      ),
      scriptName,
    };
    if (!members(observed.placement).mode) observed.placement = null;
    const bindings = observedBindings(inputs.bindings, members(settings).bindings);
    return {
      id: scriptName,
      inputs: {
        ...observedInputs(
          inputs,
          pick(
            observed,
            METADATA.filter((name) => name !== "annotations"),
          ),
        ),
        ...(inputs.bindings !== undefined && { bindings }),
        ...(inputs.contentSha256 !== undefined && contentSha256 !== undefined && { contentSha256 }),
      },
      outputs: withoutNulls({ ...before, ...observed, ...(bindings.length > 0 && { bindings }) }) as Properties, // stays an object
    };
  },

  async update(context, _id, olds, inputs) {
    return { outputs: { ...pick(olds, ["createdOn"]), ...(await upload(context, inputs)) } };
  },

  async delete({ client }, id, outputs) {
    const scriptName = typeof outputs.scriptName === "string" ? outputs.scriptName : lastSegment(id);
    await orGone(client.request("DELETE", scriptPath(outputs, scriptName)));
  },

  async find(context, inputs) {
    const scriptName = text(inputs, "scriptName");
    const script = await currentScript(context, inputs, scriptName);
    if (script === undefined) return undefined;
    return { id: scriptName, outputs: withoutNulls(decode(script)) as Properties }; // an object stays one
  },

  importInputs: (id) => splitImportId(id, ["accountId", "scriptName"]),
};

async function checkScript(inputs: Properties, { projectDirectory }: AdapterPlanContext): Promise<CheckFailure[]> {
  const { content, contentFile, contentSha256, mainModule } = inputs;
  const failures: CheckFailure[] = [];
  if (mainModule === undefined) {
    failures.push({ property: "mainModule", reason: "name the main module: only module Workers are uploaded" });
  }
  if (typeof contentFile === "string") {
    const actual = await fileHash(resolve(projectDirectory, contentFile));
    if (actual === undefined) {
      failures.push({ property: "contentFile", reason: `no such file: ${contentFile}` });
    } else if (contentSha256 !== actual) {
      failures.push({
        property: "contentSha256",
        reason: `is to be the SHA-256 of ${contentFile}, ${actual}, and is ${String(contentSha256)}`,
      });
    }
  } else if (content === undefined) {
    failures.push({ property: "content", reason: "a script needs content or contentFile" });
  }
  const directory = assetDirectory(inputs, projectDirectory);
  if (directory !== undefined && !(await assetManifest(directory).catch(() => undefined))) {
    failures.push({ property: "assets.directory", reason: `no such folder: ${directory}` });
  }
  return failures;
}

async function upload(context: AdapterContext, inputs: Properties): Promise<Properties> {
  const { projectDirectory, client } = context;
  const scriptName = text(inputs, "scriptName");
  const mainModule = text(inputs, "mainModule");
  const directory = assetDirectory(inputs, projectDirectory);
  const jwt = directory && (await uploadAssets(context, { inputs, scriptName, directory }));
  const content =
    typeof inputs.contentFile === "string"
      ? await readFile(resolve(projectDirectory, inputs.contentFile))
      : text(inputs, "content");
  const metadata = {
    ...members(toWire(pick({ logpush: false, usageModel: "standard", ...inputs }, METADATA), scriptNames)),
    ...(isObject(inputs.assets) && {
      assets: {
        ...members(toWire(pick(inputs.assets, ["config", "jwt"]), scriptNames)),
        ...(jwt !== undefined && { jwt }),
      },
    }),
    ...(inputs.bindings !== undefined && { bindings: bindingsToWire(inputs.bindings) }),
  };
  const { body, headers } = multipart([
    {
      name: mainModule,
      filename: mainModule,
      contentType: optionalText(inputs, "contentType") ?? "application/javascript+module",
      body: content,
    },
    { name: "metadata", contentType: "application/json", body: JSON.stringify(metadata) },
  ]);
  const answer = decode(await client.request("PUT", scriptPath(inputs, scriptName), { body, headers }));
  return {
    logpush: false,
    usageModel: "standard",
    ...(withoutNulls(answer) as Properties), // an object stays one
    ...(directory !== undefined && { assets: { assetManifestSha256: manifestHash(await assetManifest(directory)) } }),
  };
}

function decode(answer: unknown): Properties {
  const observed = members(fromWire(answer, scriptNames));
  for (const name of ["createdOn", "modifiedOn"]) {
    if (observed[name] !== undefined) observed[name] = wholeSeconds(observed[name]);
  }
  return pick(observed, [...METADATA, ...COMPUTED]);
}

async function currentScript({ client }: AdapterContext, properties: Properties, scriptName: string): Promise<unknown> {
  const path = `${accountPath(properties)}/workers/services/${encodeURIComponent(scriptName)}`;
  const service = await orGone(client.request("GET", path));
  return service === undefined ? undefined : members(members(members(service).default_environment).script);
}

/** The hash of the first module the API serves; none for a Worker that is only assets. */
async function contentHash({ client }: AdapterContext, path: string): Promise<string | undefined> {
  const response = await client.fetch("GET", path);
  if (response.status === 204) return undefined;
  const isForm = response.headers.get("content-type")?.startsWith("multipart/") === true;
  const [first] = isForm ? [...(await response.formData()).values()] : [await response.text()];
  if (first === undefined) return undefined;
  const content = typeof first === "string" ? first : Buffer.from(await first.arrayBuffer());
  return createHash("sha256").update(content).digest("hex");
}

async function fileHash(path: string): Promise<string | undefined> {
  const content = await readFile(path).catch(() => undefined);
  return content && createHash("sha256").update(content).digest("hex");
}

function scriptPath(properties: Properties, scriptName: string): string {
  return `${accountPath(properties)}/workers/scripts/${encodeURIComponent(scriptName)}`;
}
