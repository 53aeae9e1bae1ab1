import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { AdapterContext, AdapterPlanContext, CheckFailure, Properties, ResourceAdapter } from "../adapter.ts";
import { assetDirectory, assetManifest, manifestHash } from "./assets.ts";
import { compareInputs } from "./compare-inputs.ts";
import { lastSegment, orGone, splitImportId } from "./crud.ts";
import { observedInputs } from "./observed-inputs.ts";
import { members, pick, text } from "./properties.ts";
import { comparable, observedBindings } from "./script-names.ts";
import {
  COMPUTED,
  currentScript,
  decodeScript,
  fileHash,
  METADATA,
  scriptOutputs,
  scriptPath,
  uploadScript,
} from "./script-upload.ts";
import { storedObjects } from "./stored-objects.ts";
import { withoutNulls } from "./wire-names.ts";

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
    return { id: text(inputs, "scriptName"), outputs: await uploadScript(context, inputs) };
  },

  async read(context, id, outputs, inputs) {
    const before = { ...inputs, ...outputs };
    const scriptName = typeof before.scriptName === "string" ? before.scriptName : lastSegment(id);
    const script = await currentScript(context, before, scriptName);
    if (script === undefined) return undefined;
    const path = scriptPath(before, scriptName);
    const settings = await orGone(context.client.request("GET", `${path}/settings`));
    if (settings === undefined) return undefined;
    const contentSha256 = await contentHash(context, `${path}/content/v2`);

    const observed: Properties = {
      ...decodeScript(script),
      ...pick(
        decodeScript(settings),
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
    return { outputs: { ...pick(olds, ["createdOn"]), ...(await uploadScript(context, inputs)) } };
  },

  async delete({ client }, id, outputs) {
    const scriptName = typeof outputs.scriptName === "string" ? outputs.scriptName : lastSegment(id);
    await orGone(client.request("DELETE", scriptPath(outputs, scriptName)));
  },

  async find(context, inputs) {
    const scriptName = text(inputs, "scriptName");
    const script = await currentScript(context, inputs, scriptName);
    if (script === undefined) return undefined;
    return { id: scriptName, outputs: withoutNulls(decodeScript(script)) as Properties }; // an object stays one
  },

  importInputs: (id) => splitImportId(id, ["accountId", "scriptName"]),
};

/**
 * A script that becomes what the inputs say because another version of it gets all requests: nothing is uploaded.
 *
 * @param promote does that
 */
export function promotedScript(promote: () => Promise<void>): ResourceAdapter {
  return {
    ...workersScript,
    async update(context, _id, olds, inputs) {
      await promote();
      const script = await currentScript(context, inputs, text(inputs, "scriptName"));
      return { outputs: { ...pick(olds, ["createdOn"]), ...(await scriptOutputs(context, inputs, script)) } };
    },
  };
}

/** A script that goes on as the state has it, after an update of it that was interrupted and taken back. */
export const keptScript: ResourceAdapter = {
  ...workersScript,
  diff: async () => ({ changed: [], replace: [] }),
  // Its files are those of the version that was taken back.
  check: async () => [],
  update: async (_context, _id, olds) => ({ outputs: olds }),
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
