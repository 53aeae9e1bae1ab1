import { invalidInput } from "./ai-error.ts";

/** The model that a body names. @throws {AiError} 5004 */
export function modelIn(body: unknown): string {
  const name = typeof body === "object" && body !== null && "model" in body ? body.model : undefined;
  if (typeof name !== "string") throw invalidInput("Error: required properties at '/' are 'model'");
  return name;
}
