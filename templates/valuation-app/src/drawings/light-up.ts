import type { Path, Stop } from "../domain/path-of-answer.ts";
import { signOf } from "../domain/stop-words.ts";
import type { UsedPart } from "../domain/usage-of-request.ts";
import type { Drawing, DrawnEdge, DrawnNode } from "./drawing.ts";

/** What is known of one request. */
export interface Request {
  readonly path: Path;
  readonly usage: Readonly<Partial<Record<UsedPart, string>>>;
}

/** A part as one request found it. */
export interface LitNode {
  readonly stop: Stop;
  /** A few characters to be printed on it. */
  readonly sign: string | null;
}

const NOT_ITS: Stop = { state: "passed by" };

/** How a drawing lights up for a request: its parts by their ids, and the ways that were taken. */
export function lightUp(
  { nodes, edges }: Drawing,
  { path, usage }: Request,
): { readonly nodes: ReadonlyMap<string, LitNode>; readonly edges: ReadonlySet<DrawnEdge> } {
  const lit = new Map(nodes.map((node) => [node.id, litNode(node, path, usage)]));
  const taken = edges.filter(({ from, to, on }) => {
    const [begin, end] = [lit.get(from)?.stop ?? NOT_ITS, lit.get(to)?.stop ?? NOT_ITS];
    if (begin.state === "passed by" || end.state === "passed by") return false;
    if (on === undefined) return true;
    return on === "hit" || on === "miss" ? begin.cache === on : begin.state === on;
  });
  return { nodes: lit, edges: new Set(taken) };
}

function litNode({ stop: name, sign }: DrawnNode, path: Path, usage: Request["usage"]): LitNode {
  const stop = name === undefined ? NOT_ITS : path[name];
  if (stop.state === "passed by") return { stop, sign: null };
  return { stop, sign: (sign && usage[sign]) ?? signOf(stop) };
}
