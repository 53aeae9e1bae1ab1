import type { StopName } from "../domain/path-of-answer.ts";
import type { UsedPart } from "../domain/usage-of-request.ts";

/** A part of a drawing. */
export interface DrawnNode {
  /** Unique within its drawing; a part of an address on the page. */
  readonly id: string;
  /** Broken into lines of `LINE` characters, two at most (one, where there is a `detail`). */
  readonly label: string;
  /** What it is at Cloudflare, by the name that this stack has for it. */
  readonly product: string;
  /** One or two sentences for somebody who has not seen it. */
  readonly explains: string;
  /** Column and row, from 0. */
  readonly at: readonly [column: number, row: number];
  /** Columns that it takes. @default 1 */
  readonly span?: 2 | 3;
  /** A second line in small type. */
  readonly detail?: string;
  /** The stop of a request's way that it lights up with. @default none: no request of a visitor comes by */
  readonly stop?: StopName;
  /** What is printed on it of a request that came by. @default the time */
  readonly sign?: UsedPart;
}

/** A way from one part to another. */
export interface DrawnEdge {
  readonly from: string;
  readonly to: string;
  /** A word or two. */
  readonly label?: string;
  /** It is taken only when something is not as it should be. */
  readonly dashed?: boolean;
  /** What the part where it begins has to have come to, for a request to have gone along here. @default anything */
  readonly on?: "taken" | "failed" | "hit" | "miss";
}

/** A frame around parts that belong together. */
export interface DrawnGroup {
  readonly label: string;
  readonly nodes: readonly string[];
}

/** One drawing: what is in it and what leads where. Nothing of how it looks. */
export interface Drawing {
  /** A part of addresses on the page. */
  readonly id: string;
  readonly title: string;
  /** What there is to see, in a sentence or two. */
  readonly says: string;
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
  readonly groups?: readonly DrawnGroup[];
}

/** Characters that fit on a line of a part that is one column wide. */
const LINE = 16;

/** Breaks a label into lines at its spaces, hyphens and underscores. */
export function linesOf(label: string, length = LINE): readonly string[] {
  const lines: string[] = [];
  for (const word of label.split(/(?<=[\s_-])/)) {
    const line = lines.at(-1);
    if (line !== undefined && (line + word).trimEnd().length <= length) lines[lines.length - 1] = line + word;
    else lines.push(word);
  }
  return lines.map((line) => line.trimEnd());
}
