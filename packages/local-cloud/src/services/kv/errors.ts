import { ApiError } from "../../core/api-error.ts";

/*
 * Codes of Workers KV's API. 10009–10029 as listed by people who met them
 * (https://gist.github.com/itssoap/8c4dc1740716f725dc6648d5791ec3ff), 10041 as wrangler's users report it. For limits
 * of one pair no code is on record: they carry 10012 "malformed value" and 10024 "payload too large".
 */

export const namespaceNotFound = () => new ApiError(404, 10013, "get namespace: 'namespace not found'");

export const titleTaken = () =>
  new ApiError(400, 10014, "create namespace: 'a namespace with this account ID and title already exists'");

export const titleMissing = () => new ApiError(400, 10019, "create namespace: 'missing title'");

export const tooManyNamespaces = (limit: number) =>
  new ApiError(400, 10018, `create namespace: 'too many namespaces in this account' (the plan has ${limit})`);

export const keyNotFound = () => new ApiError(404, 10009, "get: 'key not found'");

export const invalidLimit = () => new ApiError(400, 10028, "list keys: 'invalid limit argument': 10 to 1000");

export const invalidPair = (message: string) => new ApiError(400, 10012, `put: '${message}'`);

export const tooLarge = (message: string) => new ApiError(413, 10024, `put: 'payload too large': ${message}`);

export const bindingNamespaceNotFound = (id: string) => new ApiError(400, 10041, `KV namespace '${id}' not found.`);
