import { hasSecret, type Values } from "./values.ts";

/** Reads the outputs of another stack of the same state folder. */
export type StackReferenceReader = (project: string | undefined, stack: string) => Promise<Values>;

/**
 * What a `StackReference` gives the program.
 * @param name `<stack>`, `<project>/<stack>` or `organization/<project>/<stack>`
 */
export async function readStackReference(read: StackReferenceReader, name: string): Promise<Values> {
  const parts = name.split("/");
  const stack = parts.at(-1) ?? "";
  if (stack === "" || parts.length > 3) throw new Error(`not a stack's name: ${JSON.stringify(name)}`);
  const outputs = await read(parts.at(-2), stack);
  const secretOutputNames = Object.keys(outputs).filter((key) => hasSecret(outputs[key]));
  return { name, outputs, secretOutputNames };
}
