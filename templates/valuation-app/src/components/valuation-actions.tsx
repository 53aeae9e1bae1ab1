import { Link, useNavigate } from "@tanstack/react-router";
import { useServerFn } from "@tanstack/react-start";
import { useState } from "react";
import { remove } from "../page-functions.ts";

/** What can be done with a valuation. Its owner can delete it. */
export function ValuationActions({ id, own }: { readonly id: string; readonly own: boolean }) {
  const [said, setSaid] = useState("");
  const [asking, setAsking] = useState(false);
  const send = useServerFn(remove);
  const navigate = useNavigate();

  async function copy() {
    try {
      await navigator.clipboard.writeText(window.location.href);
      setSaid("The address is copied.");
    } catch {
      setSaid("Your browser does not let this page copy: the address is in its bar.");
    }
  }

  async function confirmed() {
    try {
      await send({ data: id });
      await navigate({ to: "/history" });
    } catch {
      setSaid("It could not be deleted. Try again in a moment.");
      setAsking(false);
    }
  }

  return (
    <div className="no-print mt-5 flex flex-wrap items-center gap-3">
      <Link to="/" className="button">
        Appraise something else
      </Link>
      <button type="button" className="needs-script" onClick={() => void copy()}>
        Copy the address
      </button>
      {own && (
        <noscript>
          <form method="post" action={`/v/${id}`}>
            <button type="submit" name="delete" value="yes" className="danger">
              Delete it for good
            </button>
          </form>
        </noscript>
      )}
      {own && !asking && (
        <button type="button" className="danger needs-script" onClick={() => setAsking(true)}>
          Delete
        </button>
      )}
      {asking && (
        <span className="flex flex-wrap items-center gap-3">
          Delete it for good?
          {/* biome-ignore lint/a11y/noAutofocus: it takes the place of the button that was just pressed */}
          <button type="button" className="danger" autoFocus onClick={() => void confirmed()}>
            Yes, delete it
          </button>
          <button type="button" onClick={() => setAsking(false)}>
            Keep it
          </button>
        </span>
      )}
      <span role="status" className="text-sm text-soft">
        {said}
      </span>
    </div>
  );
}
