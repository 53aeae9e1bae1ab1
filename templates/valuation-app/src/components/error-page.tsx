import { Link, useRouter } from "@tanstack/react-router";

/** What is shown when something broke: what to do, and nothing raw. */
export function ErrorPage() {
  const router = useRouter();
  return (
    <div className="flow py-12">
      <h1>That did not work.</h1>
      <p className="lede">Something broke on our side. What you sent before is kept; try again in a moment.</p>
      <p className="row">
        <button type="button" className="primary needs-script" onClick={() => void router.invalidate()}>
          Try again
        </button>
        <Link to="/" className="button">
          To the start
        </Link>
      </p>
    </div>
  );
}
