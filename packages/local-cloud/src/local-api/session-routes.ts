import { Hono } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { hasSession } from "./guard.ts";
import { SESSION_SECONDS, type Sessions } from "./sessions.ts";

/** `GET /session?code=…`: the one-time link itself, so it asks for nothing else. */
export function enterRoute(sessions: Sessions): Hono {
  const routes = new Hono();
  routes.get("/session", (context) => {
    context.header("cache-control", "no-store");
    context.header("referrer-policy", "no-referrer");
    // A browser that looks ahead, or a link checker, must not use the link up.
    if (context.req.method === "HEAD" || /prefetch|preview/i.test(context.req.header("sec-purpose") ?? "")) {
      return context.body(null, 204);
    }
    const cookie = sessions.redeem(context.req.query("code") ?? "");
    if (cookie === undefined) return context.redirect(hasSession(context, sessions) ? "/" : "/?link=spent", 303);
    setCookie(context, sessions.cookieName(), cookie, {
      httpOnly: true,
      sameSite: "Strict",
      path: "/",
      maxAge: SESSION_SECONDS,
    });
    return context.redirect("/", 303);
  });
  return routes;
}

/** `POST /session` makes another one-time link; `DELETE /session` forgets the browser's cookie. */
export function sessionRoutes(sessions: Sessions): Hono {
  const routes = new Hono();
  routes.post("/session", (context) => context.json({ url: sessions.createLink() }, 201));
  routes.delete("/session", (context) => {
    deleteCookie(context, sessions.cookieName(), { path: "/" });
    return context.body(null, 204);
  });
  return routes;
}
