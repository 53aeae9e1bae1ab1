import { ApiError } from "../../core/api-error.ts";

/** 9109: the token has no access to this account, which is also what one gets for an account that does not exist. */
export const accountNotFound = () => new ApiError(403, 9109, "Unauthorized to access requested resource");

/** 7003: what stands in the path is no account id. */
export const invalidAccountId = (id: string) =>
  new ApiError(404, 7003, `Could not route to /accounts/${id}, perhaps your object identifier is invalid?`);

export const nameMissing = () => new ApiError(400, 1001, "Invalid account name");
