import { randomUUID } from "node:crypto";
import { BucketError, openStore } from "@tenner/engine";
import type { StackReference } from "../local-stack.ts";
import type { Finding } from "./finding.ts";

/** Whether the bucket of a stack's state does all that is asked of it: writes, lists, reads and deletes a small object of its own. */
export async function checkState(stack: StackReference): Promise<Finding> {
  const what = `state of stack ${stack.stack}`;
  const name = `doctor-${randomUUID()}`;
  const key = `tenner/${name}`;
  try {
    const store = openStore(stack);
    await store.write(key, name);
    const listed = (await store.names("tenner")).includes(name);
    const text = await store.read(key);
    await store.remove(key);
    if (listed && text === name) {
      const said = `${store.describe(".pulumi")} can be read and written`;
      return { what, state: "right", said };
    }
    const failure = listed ? "gives back something else than was written" : "does not list what was just written";
    return { what, state: "wrong", said: `${store.describe(".pulumi")} ${failure}`, remedy: "use another bucket" };
  } catch (error) {
    if (!(error instanceof BucketError)) throw error;
    return { what, state: "wrong", said: error.message };
  }
}
