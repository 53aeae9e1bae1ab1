import { createRouter } from "@tanstack/react-router";
import { ErrorPage } from "./components/error-page.tsx";
import { NotFoundPage } from "./components/not-found-page.tsx";
import { pageContext } from "./page-context.ts";
import { routeTree } from "./routeTree.gen.ts";

/** A router for one request, and the browser's. */
export function getRouter() {
  const nonce = pageContext()?.nonce;
  return createRouter({
    routeTree,
    // Plain texts, as a form without a script sends them: the router's own way would read JSON, and numbers, from them.
    parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
    stringifySearch,
    scrollRestoration: true,
    defaultPreload: "intent",
    defaultErrorComponent: ErrorPage,
    defaultNotFoundComponent: NotFoundPage,
    ...(nonce !== undefined && { ssr: { nonce } }),
  });
}

function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const said = Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return said.length > 0 ? `?${new URLSearchParams(said)}` : "";
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof getRouter>;
  }
}
