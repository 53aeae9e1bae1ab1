import { Link } from "@tanstack/react-router";

/** For an address that leads nowhere. */
export function NotFoundPage() {
  return (
    <div className="flow py-12">
      <h1>There is nothing here.</h1>
      <p className="lede">The address is wrong, or its owner has deleted what was here.</p>
      <p>
        <Link to="/" className="button">
          Appraise something
        </Link>
      </p>
    </div>
  );
}
