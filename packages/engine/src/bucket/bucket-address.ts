import { isIP } from "node:net";
import { BucketError } from "./bucket-error.ts";

/** Where a bucket is, and how it is spoken to. */
export interface BucketAddress {
  /** As it was given. */
  readonly url: string;
  readonly bucket: string;
  /** What every key begins with; empty, or with a slash at its end unless `prefix=` says otherwise. */
  readonly prefix: string;
  readonly region: string;
  /** Scheme and host. */
  readonly endpoint: string;
  /** The bucket stands in the path, else before the host. */
  readonly pathStyle: boolean;
}

/** Parameters that change nothing here: the CLI's choice of an SDK, and what it does with the name of an endpoint. */
const IGNORED = ["awssdk", "hostname_immutable", "request_checksum_calculation", "response_checksum_validation"];

/**
 * Reads `s3://BUCKET/FOLDER?endpoint=…&region=…` as the Pulumi CLI does: `endpoint` with or without a scheme, `region`,
 * `use_path_style` or `s3ForcePathStyle`, `disable_https` or `disableSSL`, `prefix`.
 *
 * @see https://pkg.go.dev/gocloud.dev/blob/s3blob#URLOpener
 * @throws BucketError which names the part that is wrong or not supported
 */
export function readBucketUrl(url: string, environment: NodeJS.ProcessEnv): BucketAddress {
  const { hostname, port, username, pathname, searchParams } = parse(url);
  if (username)
    refuse(url, "it has a user or a key in it; keys belong into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  if (hostname === "") refuse(url, "it names no bucket");
  if (port) refuse(url, `a bucket has no port: use s3://${hostname}?endpoint=HOST:${port}`);
  const take = (...names: string[]): string | undefined => {
    const found = names.map((name) => searchParams.get(name)).find((value) => value !== null) ?? undefined;
    for (const name of names) searchParams.delete(name);
    return found;
  };
  const flag = (...names: string[]): boolean | undefined => {
    const value = take(...names);
    if (value === undefined) return undefined;
    if (!/^(true|false|1|0|t|f)$/i.test(value))
      refuse(url, `${names[0]} is ${JSON.stringify(value)}, not true or false`);
    return /^(true|1|t)$/i.test(value);
  };
  const plain = flag("disable_https", "disableSSL") === true;
  const given = take("endpoint");
  const region = take("region") ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"];
  const pathStyle = flag("use_path_style", "s3ForcePathStyle");
  const prefix = (take("prefix") ?? "") + folder(decodeURIComponent(pathname));
  for (const name of IGNORED) searchParams.delete(name);
  const [unknown] = searchParams.keys();
  if (unknown !== undefined) {
    refuse(url, `the parameter "${unknown}" is not supported by the built-in engine; the Pulumi CLI may know it`);
  }
  if (hasOddKey(prefix)) refuse(url, `the folder ${JSON.stringify(prefix)} has "//", "../" or a control character`);
  const found = region ?? (given?.includes(".r2.cloudflarestorage.com") ? "auto" : undefined);
  if (!found) refuse(url, 'it names no region: add "region=…" (R2 takes "auto"), or set AWS_REGION');
  const endpoint =
    given === undefined ? `${plain ? "http" : "https"}://s3.${found}.amazonaws.com` : origin(url, given, plain);
  // With an endpoint of its own every server takes the bucket in the path; AWS alone wants it before the host.
  return {
    url,
    bucket: hostname,
    prefix,
    region: found,
    endpoint,
    pathStyle: pathStyle ?? usesPath(hostname, endpoint, given),
  };
}

function parse(url: string): URL {
  try {
    return new URL(url);
  } catch (cause) {
    return refuse(url, "it is not a URL", cause);
  }
}

function refuse(url: string, reason: string, cause?: unknown): never {
  // A key in the URL is not repeated.
  const shown = url.replace(/\/\/[^/@?]*@/, "//…@");
  throw new BucketError("BadAddress", `the bucket's URL ${shown} cannot be used: ${reason}`, { cause });
}

function folder(pathname: string): string {
  const name = pathname.replace(/^\/+/, "");
  return name === "" || name.endsWith("/") ? name : `${name}/`;
}

/** The CLI writes such keys in another way. */
function hasOddKey(key: string): boolean {
  return key.includes("//") || key.includes("../") || /\p{Cc}/u.test(key);
}

function origin(url: string, endpoint: string, plain: boolean): string {
  const text = /^https?:\/\//i.test(endpoint) ? endpoint : `${plain ? "http" : "https"}://${endpoint}`;
  if (!URL.canParse(text)) refuse(url, `its endpoint ${JSON.stringify(endpoint)} is not a host`);
  const { origin: found, pathname, search } = new URL(text);
  if (pathname !== "/" || search)
    refuse(url, `its endpoint ${JSON.stringify(endpoint)} has a path; give the host only`);
  return found;
}

function usesPath(bucket: string, endpoint: string, given: string | undefined): boolean {
  return given !== undefined || bucket.includes(".") || isIP(new URL(endpoint).hostname) !== 0;
}
