/** A preview that exists. */
export interface FoundPreview {
  readonly pullRequest: number;
  /** When it is to go, in ms of the epoch; undefined when that cannot be known. */
  readonly expiresAt: number | undefined;
}

/** What becomes of a preview, and why. */
interface Verdict {
  readonly pullRequest: number;
  readonly reap: boolean;
  readonly reason: string;
}

/**
 * Which previews are orphans: those whose pull request is closed, and those whose time is over.
 *
 * @param open numbers of the open pull requests; undefined when nobody has said
 * @param now ms of the epoch
 */
export function judgePreviews(
  previews: readonly FoundPreview[],
  open: readonly number[] | undefined,
  now: number,
): Verdict[] {
  return previews
    .toSorted((one, other) => one.pullRequest - other.pullRequest)
    .map(({ pullRequest, expiresAt }) => {
      if (open && !open.includes(pullRequest)) return { pullRequest, reap: true, reason: "its pull request is closed" };
      if (expiresAt === undefined) {
        return { pullRequest, reap: false, reason: "when it was deployed is not known: it may be on its way" };
      }
      const hours = Math.ceil(Math.abs(expiresAt - now) / 3_600_000);
      return expiresAt <= now
        ? { pullRequest, reap: true, reason: `its time was over ${hours} h ago` }
        : { pullRequest, reap: false, reason: `it has ${hours} h left` };
    });
}
