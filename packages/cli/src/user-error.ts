/** A failure the user can mend: its message says what was wrong and what to do, and no stack is shown. */
export class UserError extends Error {
  override readonly name = "UserError";
}
