import { createRootRoute, HeadContent, Link, Outlet, Scripts } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import css from "../app.css?url";
import { loadVisitor } from "../page-functions.ts";

export const Route = createRootRoute({
  loader: () => loadVisitor(),
  // Signing in and out load the page anew.
  staleTime: Number.POSITIVE_INFINITY,
  head: () => ({
    meta: [
      { charSet: "utf-8" },
      { name: "viewport", content: "width=device-width, initial-scale=1" },
      { title: "What is it worth in tokens?" },
      {
        name: "description",
        content: "Describe anything you own: get its price, how sure that is, and what the money buys in AI tokens.",
      },
      { name: "color-scheme", content: "light dark" },
      { name: "theme-color", content: "#eef3ee", media: "(prefers-color-scheme: light)" },
      { name: "theme-color", content: "#0c1512", media: "(prefers-color-scheme: dark)" },
    ],
    links: [
      { rel: "stylesheet", href: css },
      { rel: "icon", href: "/icon.svg", type: "image/svg+xml" },
    ],
  }),
  component: App,
  shellComponent: Document,
});

function App() {
  useEffect(() => {
    // Who starts a stack opens every page with its API key, which these pages have no use for.
    if (location.hash.startsWith("#key=")) history.replaceState(history.state, "", location.pathname + location.search);
    // Tests, and styles of what needs a script, wait for this.
    document.documentElement.dataset["hydrated"] = "";
  }, []);
  const { member, takesMembers } = Route.useLoaderData();
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="masthead">
        <p className="brand">
          <Link to="/">Worth in tokens</Link>
        </p>
        <nav aria-label="Site">
          <Link to="/" activeOptions={{ exact: true }}>
            Appraise
          </Link>
          <Link to="/history">Yours</Link>
          <Link to="/how">How</Link>
          <a href="/docs">API</a>
          {takesMembers && <Link to="/sign-in">{member ? "Signed in" : "Sign in"}</Link>}
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <footer className="mx-auto max-w-336 px-[clamp(1rem,4vw,3rem)] pb-12 text-sm text-soft">
        <p>
          An appraisal is a guess with reasons, no offer. It is kept with what you wrote under an address that cannot be
          guessed; you can delete it.
        </p>
      </footer>
    </>
  );
}

function Document({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        <HeadContent />
      </head>
      <body>
        {children}
        <Scripts />
      </body>
    </html>
  );
}
