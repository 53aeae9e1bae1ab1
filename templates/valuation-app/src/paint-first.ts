import type { AnyRouter, Manifest } from "@tanstack/react-router";

/**
 * What a page's tags are made from, changed so that its scripts are asked for after its first paint. The page is whole
 * without them, so neither a slow network nor a slow processor works for them before there is something to see.
 *
 * The browser's router goes by the manifest as it was; the modules it names are there by then.
 *
 * @param router has matched the page
 */
export function paintFirst({ routes, ...manifest }: Manifest, router: AnyRouter): Manifest {
  const shown = router.state.matches.flatMap(({ routeId }) => routes[routeId] ?? []);
  const preloads = shown
    .flatMap((route) => route.preloads ?? [])
    .map((link) => (typeof link === "string" ? link : link.href));
  const modules = shown.flatMap((route) => route.scripts ?? []).flatMap((script) => moduleOf(script) ?? []);
  // An animation frame is drawn after its callbacks, and before the next task.
  const later =
    `requestAnimationFrame(()=>setTimeout(()=>{for(const href of ${JSON.stringify(preloads)})` +
    `document.head.append(Object.assign(document.createElement("link"),{rel:"modulepreload",href}));` +
    `for(const src of ${JSON.stringify(modules)})import(src)}))`;
  const changed = Object.entries(routes).map(([id, route]) => {
    const scripts = route.scripts?.map((script) => (moduleOf(script) === undefined ? script : { children: later }));
    const without: Manifest["routes"][string] = { ...route, preloads: [], ...(scripts && { scripts }) };
    return [id, without] as const;
  });
  return { ...manifest, routes: Object.fromEntries(changed) };
}

/** The address of a module that a tag loads. */
function moduleOf({ attrs }: { readonly attrs?: Readonly<Record<string, unknown>> }): string | undefined {
  return attrs?.["type"] === "module" && typeof attrs["src"] === "string" ? attrs["src"] : undefined;
}
