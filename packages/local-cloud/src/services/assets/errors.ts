import { ApiError } from "../../core/api-error.ts";

/** What the assets endpoints refuse. @see https://developers.cloudflare.com/workers/static-assets/direct-upload/ */
export const errors = {
  tooManyFiles: (count: number, limit: number) =>
    new ApiError(400, 100_102, `The manifest has ${count} files; a version may have ${limit}.`),
  fileTooLarge: (path: string) => new ApiError(400, 100_104, `Asset ${path} is larger than 25 MiB.`),
  invalidToken: () => new ApiError(401, 10_000, "The assets token is not valid, or it has expired."),
  notInManifest: (hash: string) =>
    new ApiError(400, 100_103, `File ${hash} is not in the manifest of this upload session.`),
  wrongSize: (hash: string, size: number, wanted: number) =>
    new ApiError(400, 100_105, `File ${hash} has ${size} bytes, but its manifest says ${wanted}.`),
  missingFiles: (count: number) =>
    new ApiError(400, 100_106, `${count} files of the manifest were not uploaded: the session is not complete.`),
  malformed: (message: string) => new ApiError(400, 100_101, message),
} as const;
