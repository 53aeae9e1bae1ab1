import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** One request that was answered, or not. */
export interface S3Call {
  readonly method: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly status: number;
}

/**
 * What a test does to a request: an answer in place of the right one, `cut` (the connection ends before anything was
 * done), `lost` (it is done, and the connection ends before the answer), or a wait in ms before it is done.
 */
export type S3Fault = { readonly status: number; readonly code: string } | "cut" | "lost" | { readonly wait: number };

/** An S3 server with one bucket, strongly consistent as R2 and S3 are. It checks every signature by itself. */
export interface S3Double {
  /** Host and port. */
  readonly endpoint: string;
  /** The backend's URL. */
  readonly url: string;
  readonly environment: Record<string, string>;
  /** Texts by key. */
  readonly objects: Map<string, string>;
  readonly calls: S3Call[];
  /** @param conditional whether it is to be done only if the object is as it was */
  fault: (method: string, key: string, conditional: boolean) => S3Fault | undefined;
  /** Ends at once, with all connections. */
  close(): Promise<void>;
  /** Goes on where it was closed, on the same port. */
  open(): Promise<void>;
}

export const BUCKET = "states";
const KEY_ID = "AKIDEXAMPLE0123456789";
const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const REGION = "auto";

/** @param pageSize how many keys a list has at most; 1,000 at S3 and R2 */
export async function startS3Double(pageSize = 1_000): Promise<S3Double> {
  const objects = new Map<string, string>();
  const calls: S3Call[] = [];
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => send(response, 500, "InternalError", String(error)));
  });
  const double: S3Double = {
    endpoint: "",
    url: "",
    environment: { AWS_ACCESS_KEY_ID: KEY_ID, AWS_SECRET_ACCESS_KEY: SECRET },
    objects,
    calls,
    fault: () => undefined,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    open: () => listen(port),
  };
  const listen = (at: number) => new Promise<void>((resolve) => server.listen(at, "127.0.0.1", resolve));
  await listen(0);
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
    const body = Buffer.concat(chunks);
    const [path = "", search = ""] = (request.url ?? "").split("?");
    const [bucket = "", ...rest] = path.slice(1).split("/").map(decodeURIComponent);
    const key = rest.join("/");
    const method = request.method ?? "";
    response.once("close", () => calls.push({ method, key, status: response.headersSent ? response.statusCode : 0 }));
    const fault = double.fault(method, key, "if-match" in request.headers || "if-none-match" in request.headers);
    if (fault === "cut") return void request.socket.destroy();
    if (typeof fault === "object" && "wait" in fault) await sleep(fault.wait);
    else if (typeof fault === "object") return send(response, fault.status, fault.code, "as the test wants it");
    const wrong = refusalOf(request, body, path, search);
    if (wrong) return send(response, 403, wrong, "refused");
    if (bucket !== BUCKET) return send(response, 404, "NoSuchBucket", "The specified bucket does not exist");
    const done = act(method, key, new URLSearchParams(search), request, body.toString());
    if (fault === "lost") return void request.socket.destroy();
    response.writeHead(done.status, done.etag === undefined ? {} : { etag: done.etag }).end(done.body);
  }

  function act(method: string, key: string, query: URLSearchParams, request: IncomingMessage, body: string) {
    const there = objects.get(key);
    if (method === "GET" && key === "") return { status: 200, body: page(objects, query, pageSize), etag: undefined };
    if (method === "GET") {
      if (there === undefined) return { status: 404, body: failure("NoSuchKey", key), etag: undefined };
      return { status: 200, body: there, etag: etagOf(there) };
    }
    if (method === "DELETE") {
      objects.delete(key);
      return { status: 204, body: "", etag: undefined };
    }
    const { "if-match": match, "if-none-match": noneMatch } = request.headers;
    const refused =
      (noneMatch === "*" && there !== undefined) ||
      (match !== undefined && (there === undefined || (match !== "*" && match !== etagOf(there))));
    if (refused) return { status: 412, body: failure("PreconditionFailed", key), etag: undefined };
    objects.set(key, body);
    return { status: 200, body: "", etag: etagOf(body) };
  }

  const endpoint = `127.0.0.1:${port}`;
  return Object.assign(double, {
    endpoint,
    url: `s3://${BUCKET}?endpoint=${endpoint}&region=${REGION}&disableSSL=true&s3ForcePathStyle=true`,
  });
}

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();
const etagOf = (text: string) => `"${createHash("md5").update(text).digest("hex")}"`;

/**
 * Checks a request's signature.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @returns the code of S3's refusal
 */
function refusalOf(request: IncomingMessage, body: Buffer, path: string, search: string): string | undefined {
  const given = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
    request.headers.authorization ?? "",
  );
  const [, credential = "", signedNames = "", signature = ""] = given ?? [];
  const [id, date = "", region = "", service, terminator] = credential.split("/");
  if (!given || service !== "s3" || terminator !== "aws4_request") return "AccessDenied";
  if (id !== KEY_ID) return "InvalidAccessKeyId";
  if (region !== REGION) return "AuthorizationHeaderMalformed";
  const time = String(request.headers["x-amz-date"]);
  const at = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!time.startsWith(date) || !(Math.abs(Date.now() - at) < 15 * 60_000)) return "RequestTimeTooSkewed";
  if (request.headers["x-amz-content-sha256"] !== sha256(body)) return "XAmzContentSHA256Mismatch";
  const names = signedNames.split(";");
  const needed = ["host", ...Object.keys(request.headers).filter((name) => name.startsWith("x-amz-"))];
  if (needed.some((name) => !names.includes(name))) return "AccessDenied";
  const canonical = [
    request.method,
    path
      .split("/")
      .map((part) => encode(decodeURIComponent(part)))
      .join("/"),
    search.split("&").filter(Boolean).map(canonicalPair).sort().join("&"),
    ...names.map((name) => `${name}:${String(request.headers[name]).trim().replace(/ +/g, " ")}`),
    "",
    signedNames,
    sha256(body),
  ].join("\n");
  const scope = [date, region, service, terminator];
  const key = scope.reduce<string | Buffer>((last, part) => hmac(last, part ?? ""), `AWS4${SECRET}`);
  const expected = hmac(key, ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(canonical)].join("\n"));
  return timingSafeEqual(expected, Buffer.from(signature, "hex")) ? undefined : "SignatureDoesNotMatch";
}

function canonicalPair(pair: string): string {
  const [name = "", value = ""] = pair.split("=");
  return `${encode(decodeURIComponent(name))}=${encode(decodeURIComponent(value))}`;
}

/** Everything but letters, digits and `-._~`, byte for byte. */
function encode(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

function page(objects: ReadonlyMap<string, string>, query: URLSearchParams, pageSize: number): string {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const after = Buffer.from(query.get("continuation-token") ?? "", "base64url").toString();
  const listed = new Set(
    [...objects.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => {
        const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
        return end < 0 ? key : `${key.slice(0, end + 1)}\0`;
      }),
  );
  const left = [...listed].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).filter((key) => key > after);
  const shown = left.slice(0, pageSize);
  const entries = shown.map((key) =>
    key.endsWith("\0")
      ? `<CommonPrefixes><Prefix>${escapeXml(key.slice(0, -1))}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${escapeXml(key)}</Key><Size>${objects.get(key)?.length}</Size></Contents>`,
  );
  const next = Buffer.from(shown.at(-1) ?? "").toString("base64url");
  const more = left.length > shown.length ? `<NextContinuationToken>${next}</NextContinuationToken>` : "";
  return `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${BUCKET}</Name><Prefix>${escapeXml(prefix)}</Prefix><IsTruncated>${more !== ""}</IsTruncated>${more}${entries.join("\n")}</ListBucketResult>`;
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function failure(code: string, message: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
}

function send(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { "content-type": "application/xml" }).end(failure(code, message));
}
