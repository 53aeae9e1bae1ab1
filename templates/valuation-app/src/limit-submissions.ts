import { limitSubmissions } from "@tenner/worker-kit/api-keys";

/** Counts a visitor's submission by the address it comes from: a cookie can be thrown away. @throws Problem 429 */
export async function limitVisitor(env: Env, request: Request): Promise<void> {
  await limitSubmissions(env, `address:${request.headers.get("cf-connecting-ip") ?? "unknown"}`);
}
