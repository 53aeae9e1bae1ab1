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
    scrollRestoration: true,
    defaultPreload: "intent",
    defaultErrorComponent: ErrorPage,
    defaultNotFoundComponent: NotFoundPage,
    ...(nonce !== undefined && { ssr: { nonce } }),
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof getRouter>;
  }
}
