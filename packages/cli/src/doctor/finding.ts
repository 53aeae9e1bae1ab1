/** What one look has found. */
export interface Finding {
  /** What was looked at. */
  readonly what: string;
  /** `unknown`: it could not be found out, or is a matter of taste; nothing fails for it. */
  readonly state: "right" | "wrong" | "unknown";
  readonly said: string;
  /** What to do. */
  readonly remedy?: string;
}
