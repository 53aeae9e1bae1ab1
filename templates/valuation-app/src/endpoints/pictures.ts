import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { Problem } from "@tenner/worker-kit/problem";
import { readPicture } from "../adapters/picture-store.ts";
import type { HttpEnv } from "../http-env.ts";

/** Pictures of things, by names that cannot be guessed. */
export const pictureEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "get",
    path: "/pictures/:name",
    operationId: "getPicture",
    summary: "Get a picture",
    tag: "Valuations",
    responses: { 200: { description: "The picture", contentType: "image/jpeg" } },
    problems: [404],
    async handle(c) {
      const picture = await readPicture(c.env, c.req.param("name") ?? "");
      if (!picture) throw new Problem(404, "not_found", "there is no such picture");
      return c.body(picture.body, 200, {
        "content-type": "image/jpeg",
        "content-length": String(picture.size),
        etag: picture.httpEtag,
        "cache-control": "public, max-age=31536000, immutable",
      });
    },
  }),
];
