import { ApiError } from "../../core/api-error.ts";

/*
 * Codes of Vectorize's API as it answered people: 1005, 3000 and 3002 over REST, 10159 at an upload, 40006–40025 from
 * both data planes (e.g. https://github.com/mastra-ai/mastra/issues/3444,
 * https://github.com/cloudflare/workers-sdk/issues/6516). 40006 and 40007 mean different things in different calls.
 * 1004, 3003, 40009, 40018 for the other refusals of metadata keys, and 40030 are on record nowhere or only in others'
 * imitations: they stand beside their relatives.
 */

export const indexNotFound = (name: string) =>
  new ApiError(404, 3000, `vectorize.index.not_found - Index name "${name}"`);

export const indexExists = (name: string) =>
  new ApiError(400, 3002, `vectorize.index.duplicate_name - Index name "${name}"`);

export const tooManyIndexes = (limit: number) =>
  new ApiError(400, 3003, `vectorize.index.limit_reached - the plan has ${limit} indexes`);

export const invalidIndex = (message: string) => new ApiError(400, 1004, `vectorize.invalid_body_payload - ${message}`);

export const unknownContentType = () =>
  new ApiError(
    400,
    1005,
    "vectorize.unknown_content_type - send application/x-ndjson, or multipart/form-data with a part named vectors",
  );

export const tooLarge = (limit: number) => new ApiError(413, 40006, `the vectors are larger than ${limit} bytes`);

export const tooManyVectors = (limit: number, count: number) =>
  new ApiError(400, 40006, `too many vectors in payload; max count is ${limit}, got ${count}`);

export const invalidQueryVector = (expected: number, got: number) =>
  new ApiError(400, 40006, `invalid query vector, expected ${expected} dimensions, and got ${got} dimensions`);

export const tooManyIds = (limit: number, count: number) =>
  new ApiError(400, 40007, `too many ids in payload; max id count is ${limit}, got ${count}`);

export const idTooLong = (bytes: number) =>
  new ApiError(400, 40008, `id too long; max is 64 bytes, got ${bytes} bytes`);

export const namespaceTooLong = (bytes: number) =>
  new ApiError(400, 40009, `namespace too long; max is 64 bytes, got ${bytes} bytes`);

export const topKTooLarge = (topK: number) => new ApiError(400, 40011, `max top K is 100, but got ${topK}`);

export const wrongDimensions = (id: string, expected: number, got: number) =>
  invalidVector(id, `expected ${expected} dimensions, and got ${got} dimensions`);

export const invalidVector = (id: string, message: string) =>
  new ApiError(400, 40012, `invalid vector for id="${id}", ${message}`);

export const metadataTooLarge = (id: string, bytes: number) =>
  new ApiError(
    400,
    40016,
    `oversized metadata for vector id="${id}"; the compact JSON representation of the metadata must not exceed 10240 bytes, got ${bytes} bytes`,
  );

export const invalidMetadataKey = (id: string, key: string) =>
  new ApiError(
    400,
    40018,
    `invalid metadata key ${JSON.stringify(key)} for vector id="${id}": keys are not empty, contain no " and no dot, and do not begin with $`,
  );

export const unparsableVectors = (operation: string, message: string) =>
  new ApiError(400, 40023, `failed to parse ${operation} vectors request in json format: ${message}`);

export const topKTooLargeWithContent = (topK: number) =>
  new ApiError(
    400,
    40025,
    `with returnValues=true or returnMetadata=all, max top K is 50, but got ${topK}; for a top K up to 100, retry with returnValues=false and returnMetadata=indexed`,
  );

export const unparsableBody = (message: string) =>
  new ApiError(400, 40026, `Failed to parse the request body as JSON: ${message}`);

export const tooManyMetadataIndexes = () => new ApiError(400, 40030, "an index has at most 10 metadata indexes");

export const bindingIndexNotFound = (binding: string, index: string) =>
  new ApiError(400, 10159, `Vectorize binding '${binding}' references index '${index}' which was not found.`);

/** Only ours: what is on disk is not what was written. Other indexes live on. */
export const damagedIndex = (folder: string, message: string, cause?: unknown) =>
  new ApiError(
    500,
    10002,
    `${folder} is damaged: ${message}. It was left as it is: restore it from a copy, or delete the index and write its vectors again`,
    { cause },
  );

/** Only ours: WebAssembly's addresses end at 4 GiB. */
export const memoryFull = () =>
  new ApiError(507, 10002, "the local cloud searches at most 4 GiB of vectors at a time: this index is larger");
