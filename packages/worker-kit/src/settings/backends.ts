import * as z from "zod";

const Backend = z.strictObject({
  /** Where it is; requests go below its path. */
  url: z
    .url({ protocol: /^https?$/ })
    .refine((text) => {
      const { search, hash, username, password } = new URL(text);
      return search + hash + username + password === "";
    }, "an address without query, fragment and credentials")
    .refine((text) => !/%|\/\.\.?(\/|$)|[^:]\/\//.test(text), "a plain path, without %, // and .."),
  /** Which keys may call it. */
  scope: z.enum(["member", "admin"]).default("member"),
  /** Milliseconds until its answer begins, all attempts together, and until the next part of it comes. */
  timeoutMs: z.int().min(50).max(100_000).default(10_000),
  /** A path below `url` that answers 2xx while the backend is well. Left out: only its answers tell. */
  health: z
    .string()
    .regex(/^\/[\w./~-]*$/, "a plain path such as /health")
    .refine((path) => !/\/\.\.?(\/|$)|\/\//.test(path), "a plain path such as /health")
    .optional(),
  /** Further attempts at a request without a body that may be repeated: GET, HEAD, DELETE and PUT. */
  retries: z.int().min(0).max(3).default(1),
  /** Failures in a row after which it is left alone for a while. */
  breakAfter: z.int().min(1).max(1_000).default(5),
  /** Seconds for which it is left alone. */
  breakSeconds: z.int().min(1).max(3_600).default(30),
  /** The caller's `authorization` (our API key) goes along: only to a backend that is trusted with it. */
  forwardAuthorization: z.boolean().default(false),
  /** Bytes of a request's body. */
  maxBodyBytes: z.int().min(0).max(100_000_000).default(10_000_000),
});
export type Backend = z.infer<typeof Backend>;

/** By the name that stands in their path: `/backends/<name>/…`. */
export const Backends = z.record(
  z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, "lower-case letters, digits and hyphens, at most 40"),
  Backend,
);
