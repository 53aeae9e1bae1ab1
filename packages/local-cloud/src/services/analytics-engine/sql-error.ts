/** SQL that Analytics Engine, or this emulation of it, does not take. */
export class SqlError extends Error {
  override readonly name = "SqlError";
}
