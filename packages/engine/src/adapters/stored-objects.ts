import type { AdapterContext, Properties } from "../adapter.ts";
import { countedPages } from "./counted.ts";
import { accountPath, items, text } from "./properties.ts";

/**
 * The Durable Objects of a script that have stored something, by class, in words: they go with the script.
 * @see https://developers.cloudflare.com/api/resources/durable_objects/subresources/namespaces/
 */
export async function storedObjects({ client }: AdapterContext, script: string, outputs: Properties) {
  const path = `${accountPath(outputs)}/workers/durable_objects/namespaces`;
  const own = items(await client.request("GET", `${path}?per_page=1000`)).filter((found) => found["script"] === script);
  const counts = await Promise.all(
    own.map(async (namespace) => {
      const objects = `${path}/${encodeURIComponent(text(namespace, "id"))}/objects?limit=1000`;
      const what = `stored ${text(namespace, "class")} object`;
      return countedPages(client, objects, what, { counts: (object) => object["hasStoredData"] === true });
    }),
  );
  const there = counts.filter((count) => count !== undefined);
  return there.length === 0 ? undefined : there.join(", ");
}
