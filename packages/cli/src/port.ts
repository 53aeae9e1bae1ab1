import { DEFAULT_PORT } from "./local-stack.ts";
import { UserError } from "./user-error.ts";

/** The port given on the command line, else `TENNER_PORT`, else the default one. 0 takes any free port. */
export function parsePort(argument: string | undefined, environment: NodeJS.ProcessEnv = process.env): number {
  const text = argument ?? environment["TENNER_PORT"];
  if (text === undefined || text === "") return DEFAULT_PORT;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new UserError(`port: "${text}" is not a number between 0 and 65535`);
  }
  return port;
}
