import type { Scripts } from "./scripts.ts";
import type { Script } from "./store.ts";

/**
 * A script's code as multipart, with the header `CF-Entrypoint` for the main module; 204 when it has only assets.
 *
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/content/
 */
export function contentAnswer(scripts: Scripts, script: Script): Response {
  const version = scripts.current(script);
  if (!version?.mainModule) return new Response(null, { status: 204 });
  const boundary = `local-cloud-${version.etag.slice(0, 32)}`;
  const parts = scripts.store
    .modules(version.id)
    .flatMap(({ name, contentType, contents }) => [
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\nContent-Type: ${contentType}\r\n\r\n`,
      ),
      contents,
      Buffer.from("\r\n"),
    ]);
  return new Response(Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]), {
    headers: { "content-type": `multipart/form-data; boundary=${boundary}`, "cf-entrypoint": version.mainModule },
  });
}
