import { ApiError } from "../../core/api-error.ts";

/*
 * Codes of R2. @see https://developers.cloudflare.com/r2/api/error-codes/
 * Conflicts are 400 where Cloudflare says 409: see ApiError.
 */

export const bucketExists = () =>
  new ApiError(400, 10004, "The bucket you tried to create already exists, and you own it.");

export const invalidBucketName = () =>
  new ApiError(
    400,
    10005,
    "The specified bucket name is not valid: 3 to 63 characters, lower-case letters, digits and hyphens, beginning and ending with a letter or digit.",
  );

export const bucketNotFound = () => new ApiError(404, 10006, "The specified bucket does not exist.");

export const objectNotFound = () => new ApiError(404, 10007, "The specified key does not exist.");

export const bucketNotEmpty = () => new ApiError(400, 10008, "The bucket you tried to delete is not empty.");

export const tooManyBuckets = (limit: number) =>
  new ApiError(400, 10009, `You have reached the limit of ${limit} buckets of this account.`);

export const keyTooLong = () => new ApiError(400, 10020, "The specified object name is not valid: at most 1024 bytes.");

export const objectTooLarge = (limit: number) =>
  new ApiError(413, 100100, `Your proposed upload exceeds the maximum allowed size of ${limit} bytes.`);

export const bindingBucketNotFound = (name: string) =>
  new ApiError(400, 10085, `R2 bucket '${name}' not found. Please use a different name and try again.`);
