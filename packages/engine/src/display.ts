import type { EngineEvent } from "./events.ts";

export interface DisplayOptions {
  readonly stream: { write(text: string): unknown };
  readonly color?: boolean;
  readonly columns?: number;
}

/** TEMPORARY */
export function createDisplay({ stream }: DisplayOptions): (event: EngineEvent) => void {
  return (event) => {
    stream.write(`${JSON.stringify(event)}\n`);
  };
}
