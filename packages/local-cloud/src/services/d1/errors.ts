import { ApiError } from "../../core/api-error.ts";

/*
 * Codes of D1's API: 7404, 7406, 7502 as wrangler reads them (src/d1/create.ts, delete.ts), 7400 and 7500 as users
 * report them (https://github.com/cloudflare/workers-sdk/issues?q=D1+7500), 10181 from script uploads.
 */

export const databaseNotFound = (id: string) => new ApiError(404, 7404, `The database ${id} could not be found`);

export const databaseExists = (name: string) => new ApiError(400, 7502, `Database with name '${name}' already exists`);

export const tooManyDatabases = (limit: number) =>
  new ApiError(400, 7406, `The maximum number of D1 databases of this account is reached (${limit}).`);

export const malformed = (message: string) => new ApiError(400, 7400, `The request is malformed: ${message}`);

/** 7500: SQLite refused it; `message` is SQLite's own. */
export const queryFailed = (message: string, cause: unknown) => new ApiError(400, 7500, message, { cause });

export const bindingDatabaseNotFound = (binding: string, id: string) =>
  new ApiError(400, 10181, `D1 binding '${binding}' references database '${id}' which was not found.`);
