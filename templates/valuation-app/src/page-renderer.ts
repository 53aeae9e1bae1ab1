import { createServerEntry, createStartHandler, defaultRenderHandler } from "@tanstack/react-start/server";

/**
 * How pages are rendered: into one string. No page waits for a part of itself, so a stream would bring nothing earlier, and
 * React's takes twice as long for a page of drawings because it encodes every piece of text by itself.
 */
export default createServerEntry({ fetch: createStartHandler(defaultRenderHandler) });
