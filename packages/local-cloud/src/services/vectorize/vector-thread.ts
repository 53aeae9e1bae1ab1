import { parentPort } from "node:worker_threads";
import { ApiError } from "../../core/api-error.ts";
import { IndexesOnDisk } from "./indexes-on-disk.ts";

/** A method of {@link IndexesOnDisk} to call. */
export interface ThreadCall {
  readonly id: number;
  readonly method: string;
  readonly parameters: readonly unknown[];
}

/** What became of a call. */
export type ThreadAnswer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly refusal: { status: number; code: number; message: string } }
  | { readonly id: number; readonly failure: Error; readonly errno: unknown };

const indexes = new IndexesOnDisk();
// `VectorEngine` passes the names of its methods only.
const methods = indexes as unknown as Record<string, (...parameters: readonly unknown[]) => unknown>;

async function answer({ id, method, parameters }: ThreadCall): Promise<ThreadAnswer> {
  try {
    return { id, result: await methods[method]?.(...parameters) };
  } catch (error) {
    if (error instanceof ApiError)
      return { id, refusal: { status: error.status, code: error.code, message: error.message } };
    const failure = error instanceof Error ? error : new Error(String(error));
    return { id, failure, errno: (failure as NodeJS.ErrnoException).code };
  }
}

parentPort?.on("message", (call: ThreadCall) => void answer(call).then((done) => parentPort?.postMessage(done)));
