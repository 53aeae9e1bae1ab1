import { env } from "cloudflare:workers";
import { createFileRoute } from "@tanstack/react-router";
import { setResponseStatus } from "@tanstack/react-start/server";
import { Problem } from "@tenner/worker-kit/problem";
import { limitVisitor } from "../limit-submissions.ts";
import { type SignInResult, signIn, signOut } from "../member.ts";
import { pageContext } from "../page-context.ts";
import { Route as RootRoute } from "./__root.tsx";

export const Route = createFileRoute("/sign-in")({
  server: {
    handlers: {
      POST: async ({ request, next }) => {
        const fields = await request.formData().catch(() => new FormData());
        if (fields.get("leave") !== null) return redirect("/", await signOut(env, request));
        const result = await limited(request, fields.get("token"));
        if (result.ok) return redirect("/history", result.cookie);
        setResponseStatus(422);
        return next({ context: { problem: result.problem } });
      },
    },
  },
  loader: ({ serverContext }) => ({
    problem: (serverContext as { problem?: string } | undefined)?.problem ?? null, // as the handler above gave it
  }),
  head: () => ({ meta: [{ title: "Sign in" }, { name: "robots", content: "noindex" }] }),
  component: SignIn,
});

async function limited(request: Request, token: unknown): Promise<SignInResult> {
  const owner = pageContext()?.owner;
  if (!owner) throw new Error("there is no request here");
  try {
    await limitVisitor(env, request);
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 429) throw error;
    return { ok: false, problem: "That were many in a minute. Wait a moment, then try again." };
  }
  return signIn(env, token, request, owner);
}

function redirect(location: string, cookie: string): Response {
  return new Response(null, { status: 303, headers: { location, "set-cookie": cookie } });
}

/** Forms without a script: the token goes to the server and into a cookie that no script can read. */
function SignIn() {
  const { problem } = Route.useLoaderData();
  const { member, takesMembers } = RootRoute.useLoaderData();
  if (member) {
    return (
      <form method="post" action="/sign-in" className="card flow max-w-2xl">
        <h1>You are signed in</h1>
        <p>As a member of {member.tenant}. What you have appraised is yours in every browser where you sign in.</p>
        <button type="submit" name="leave" value="yes">
          Sign out
        </button>
      </form>
    );
  }
  return (
    <form method="post" action="/sign-in" className="card flow max-w-2xl">
      <h1>Sign in</h1>
      {!takesMembers && <p>No issuer of tokens is set up here, so nobody can sign in. Everything works without it.</p>}
      <div className="field">
        <label htmlFor="token">Your token</label>
        <textarea
          id="token"
          name="token"
          required
          rows={5}
          autoComplete="off"
          spellCheck={false}
          className="font-mono"
          aria-describedby={problem === null ? "token-hint" : "token-hint token-problem"}
          aria-invalid={problem === null ? undefined : true}
        />
        <p id="token-hint" className="hint">
          The JSON Web Token that your organisation gives you. What you had appraised in this browser goes along to you.
        </p>
        {problem !== null && (
          <p id="token-problem" role="alert" className="error mt-2">
            {problem}
          </p>
        )}
      </div>
      <button type="submit" className="primary">
        Sign in
      </button>
    </form>
  );
}
