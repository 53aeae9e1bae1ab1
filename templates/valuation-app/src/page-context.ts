import { getGlobalStartContext } from "@tanstack/react-start";
import type { Owner } from "./adapters/valuation-store.ts";

/** What every page request brings along. */
export interface PageContext {
  /** Of this answer's inline scripts; the content security policy names it. */
  readonly nonce: string;
  readonly owner: Owner;
  /** Whether the browser brought its visitor's cookie along; otherwise the next POST is answered with one. */
  readonly known: boolean;
  /** Who is signed in; null: a visitor. */
  readonly member: { readonly tenant: string } | null;
  /** Whether there is an issuer whose tokens are taken. */
  readonly takesMembers: boolean;
  /** As the browser has it: for links that leave the page. */
  readonly origin: string;
}

declare module "@tanstack/react-start" {
  interface Register {
    server: { requestContext: PageContext };
  }
}

/** The request's context, on the server; undefined in the browser. */
export function pageContext(): PageContext | undefined {
  // Typed by the register above, which the package's own types do not see from here.
  return getGlobalStartContext() as unknown as PageContext | undefined;
}
