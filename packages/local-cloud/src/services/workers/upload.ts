import { gzipSync } from "node:zlib";
import type { Context } from "hono";
import type * as z from "zod";
import type { PlanLimits } from "../../core/plan.ts";
import type { WorkerModule } from "../../core/worker-definition.ts";
import { errors } from "./errors.ts";
import { Metadata } from "./metadata.ts";

/** A file of an upload as it was sent. */
export interface UploadedModule {
  readonly name: string;
  readonly contentType: string;
  readonly contents: Uint8Array;
}

/** What came with a PUT of a script or a POST of a version. */
export interface Upload {
  readonly metadata: Metadata;
  readonly modules: readonly UploadedModule[];
}

const TYPES: Readonly<Record<string, WorkerModule["type"]>> = {
  "application/javascript+module": "ESModule",
  "application/javascript": "CommonJS",
  "text/javascript": "CommonJS",
  "text/plain": "Text",
  "text/html": "Text",
  "application/json": "Text",
  "application/octet-stream": "Data",
  "application/wasm": "CompiledWasm",
};
/** Source maps stay with the version, but do not run. */
const SOURCE_MAP = "application/source-map";

/**
 * Reads the multipart body of an upload.
 *
 * @throws {ApiError} 400 when it is malformed, 413 when the code is larger than the plan allows.
 * @see https://developers.cloudflare.com/workers/configuration/multipart-upload-metadata/
 */
export async function readUpload(context: Context, limits: PlanLimits): Promise<Upload> {
  const form = await formOf(context);
  const metadata = parseMetadata(await textOf(form.get("metadata")));
  const modules: UploadedModule[] = [];
  for (const [name, part] of form) {
    if (name === "metadata" || typeof part === "string") continue;
    const contents = new Uint8Array(await part.arrayBuffer());
    modules.push({ name, contentType: (part.type.split(";")[0] ?? "").trim(), contents });
  }
  checkModules(metadata, modules, limits);
  return { metadata, modules };
}

/** Reads a part of a multipart body as JSON, e.g. `settings`. */
export async function readPart<Schema extends z.ZodType>(
  context: Context,
  name: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await textOf((await formOf(context)).get(name));
  if (text === undefined) throw errors.malformedUpload(`the upload has no part "${name}"`);
  return schema.parse(parseJson(text, name));
}

/** Checks an upload's modules. @throws {ApiError} */
export function checkModules(metadata: Metadata, modules: readonly UploadedModule[], limits: PlanLimits): void {
  if (metadata.body_part)
    throw errors.malformedUpload("service-worker syntax (body_part) is not emulated: use a module");
  const main = metadata.main_module;
  if (main && !modules.some(({ name }) => name === main))
    throw errors.malformedUpload(`main_module "${main}" is not among the uploaded files: ${names(modules)}`);
  if (!main && modules.length > 0) throw errors.malformedUpload("metadata names no main_module");
  for (const module of modules) runtimeType(module);
  const code = modules.filter(({ contentType }) => contentType !== SOURCE_MAP);
  const bytes = code.reduce((sum, { contents }) => sum + contents.byteLength, 0);
  if (bytes <= limits.scriptGzipBytes) return;
  const packed = gzipSync(Buffer.concat(code.map(({ contents }) => contents))).byteLength;
  if (packed > limits.scriptGzipBytes) throw errors.tooLarge(packed, limits.scriptGzipBytes);
}

/** The modules that run, the main one first. */
export function runtimeModules(mainModule: string, modules: readonly UploadedModule[]): WorkerModule[] {
  return modules
    .filter(({ contentType }) => contentType !== SOURCE_MAP)
    .map((module) => ({ name: module.name, type: runtimeType(module), contents: module.contents }))
    .sort((left, right) => Number(right.name === mainModule) - Number(left.name === mainModule));
}

function runtimeType({ name, contentType }: UploadedModule): WorkerModule["type"] {
  const type = TYPES[contentType];
  if (type !== undefined) return type;
  if (contentType === SOURCE_MAP) return "Text";
  throw errors.malformedUpload(`file ${name}: content type "${contentType}" is not emulated`);
}

async function formOf(context: Context): Promise<FormData> {
  const type = context.req.header("content-type") ?? "";
  if (!type.startsWith("multipart/form-data"))
    throw errors.malformedUpload(`expected multipart/form-data, got "${type || "no content type"}"`);
  try {
    return await context.req.formData();
  } catch (cause) {
    throw errors.malformedUpload("the multipart body cannot be read", cause);
  }
}

function parseMetadata(text: string | undefined): Metadata {
  if (text === undefined) throw errors.malformedUpload('the upload has no part "metadata"');
  return Metadata.parse(parseJson(text, "metadata"));
}

function parseJson(text: string, part: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw errors.malformedUpload(`part "${part}" is not JSON: ${(cause as Error).message}`, cause);
  }
}

async function textOf(part: File | string | null): Promise<string | undefined> {
  if (part === null) return undefined;
  return typeof part === "string" ? part : part.text();
}

const names = (modules: readonly UploadedModule[]) => modules.map(({ name }) => name).join(", ") || "none";
