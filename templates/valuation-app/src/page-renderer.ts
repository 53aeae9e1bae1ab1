import {
  createServerEntry,
  createStartHandler,
  defaultRenderHandler,
  defineHandlerCallback,
} from "@tanstack/react-start/server";
import { paintFirst } from "./paint-first.ts";

/**
 * How pages are rendered: into one string. No page waits for a part of itself, so a stream would bring nothing earlier, and
 * React's takes twice as long for a page of drawings because it encodes every piece of text by itself.
 */
const render = defineHandlerCallback((page) => {
  const { router } = page;
  if (router.ssr?.manifest) router.ssr = { manifest: paintFirst(router.ssr.manifest, router) };
  return defaultRenderHandler(page);
});

export default createServerEntry({ fetch: createStartHandler(render) });
