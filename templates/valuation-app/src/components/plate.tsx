import { type CSSProperties, Fragment, type KeyboardEvent, useId, useState } from "react";
import { wordsOf } from "../domain/stop-words.ts";
import { type Drawing, type DrawnEdge, linesOf } from "../drawings/drawing.ts";
import { layOut, type PlacedEdge, type PlacedNode, WIDTH } from "../drawings/layout.ts";
import { type LitNode, lightUp, type Request } from "../drawings/light-up.ts";
import type { Line } from "../drawings/route-edge.ts";
import { PlateKey } from "./plate-key.tsx";

/** A drawing, lit up by a request if there is one. What each part is, is said where one points, and below as a list. */
export function Plate({
  drawing,
  number,
  request,
}: {
  readonly drawing: Drawing;
  readonly number: number;
  readonly request: Request | null;
}) {
  const { height, nodes, edges, groups } = layOut(drawing);
  const lit = request && lightUp(drawing, request);
  const [shown, setShown] = useState<string | null>(null);
  const title = useId();
  const pointed = nodes.find(({ id }) => id === shown);
  const near = pointed && neighbours(pointed.id, drawing.edges);
  const hide = (event: KeyboardEvent) => {
    if (event.key === "Escape") setShown(null);
  };
  return (
    <section
      id={`plate-${drawing.id}`}
      aria-labelledby={title}
      className={`plate ${drawing.nodes.length > 15 ? "lg:row-span-2" : ""}`}
    >
      <header>
        <p className="eyebrow">Plate {number}</p>
        <h2 id={title}>{drawing.title}</h2>
        <p className="mt-1 text-soft">{drawing.says}</p>
      </header>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: pointing is one more way to what the list below says */}
      <div className="plate-sheet" onKeyDown={hide} onPointerLeave={() => setShown(null)}>
        {/* biome-ignore lint/a11y/useSemanticElements: no other element can be a drawing */}
        <svg viewBox={`0 0 ${WIDTH} ${height}`} role="group" aria-labelledby={title}>
          {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus */}
          <g aria-hidden="true">
            {groups.map(({ label, box }) => (
              <g key={label} className="plate-group">
                <rect {...box} rx={5} />
              </g>
            ))}
            {edges.map((edge) => (
              <Way
                key={`${edge.from} ${edge.to}`}
                edge={edge}
                taken={lit ? isTaken(edge, lit.edges) : null}
                order={rowOf(nodes, edge.from)}
                near={shown === null || edge.from === shown || edge.to === shown}
              />
            ))}
            {groups.map(({ label, box }) => (
              <text key={label} x={box.x + LABEL_INSET} y={box.y + 10.5} className="plate-group-label">
                {label}
              </text>
            ))}
          </g>
          {nodes.map((node, index) => (
            <Part
              key={node.id}
              node={node}
              number={index + 1}
              drawing={drawing.id}
              lit={lit?.nodes.get(node.id) ?? null}
              near={!near || near.has(node.id)}
              onShow={() => setShown(node.id)}
              onHide={() => setShown(null)}
            />
          ))}
        </svg>
        {pointed && <Note node={pointed} lit={lit?.nodes.get(pointed.id) ?? null} height={height} />}
      </div>
      <PlateKey drawing={drawing} lit={lit?.nodes ?? null} />
    </section>
  );
}

/** Characters that fit on a line without getting smaller. */
const ROOMY = 14;

function Part({
  node,
  number,
  drawing,
  lit,
  near,
  onShow,
  onHide,
}: {
  readonly node: PlacedNode;
  readonly number: number;
  readonly drawing: string;
  readonly lit: LitNode | null;
  readonly near: boolean;
  readonly onShow: () => void;
  readonly onHide: () => void;
}) {
  const { box, label, detail, span } = node;
  const { x, y, width, height } = box;
  const lines = detail === undefined ? linesOf(label) : [label];
  const middle = x + width / 2;
  const first = y + height / 2 + 4.4 - ((detail === undefined ? lines.length : 2) - 1) * 7.5;
  return (
    // Without a script it leads to what the list says of it.
    <a
      href={`#${drawing}-${node.id}`}
      aria-describedby={`${drawing}-${node.id}`}
      className="part"
      data-state={lit?.stop.state.replace(" ", "-")}
      data-far={near ? undefined : ""}
      style={{ "--order": node.at[1] } as CSSProperties} // React knows no custom properties
      onPointerEnter={onShow}
      onFocus={onShow}
      onBlur={onHide}
      onClick={(event) => {
        event.preventDefault();
        onShow();
      }}
    >
      <rect {...box} rx={5} />
      <circle cx={x + 1} cy={y + 1} r={8} />
      {/* Blanks, also those between lines, are for who hears it as one name. */}
      <text x={x + 1} y={y + 4.2} textAnchor="middle" className="part-number">
        {`${number} `}
      </text>
      <text
        x={middle}
        textAnchor="middle"
        className={lines.some((line) => line.length > ROOMY) && !span ? "part-tight" : ""}
      >
        {lines.map((line, index) => (
          <Fragment key={line}>
            {index > 0 && <tspan x={middle}> </tspan>}
            <tspan x={middle} y={first + index * 15}>
              {line}
            </tspan>
          </Fragment>
        ))}
      </text>
      {detail !== undefined && (
        <text x={middle} y={first + 15} textAnchor="middle" className="part-detail">
          {` ${detail}`}
        </text>
      )}
      {lit?.sign && <Sign text={lit.sign} x={middle} y={y + height} />}
    </a>
  );
}

function Sign({ text, x, y }: { readonly text: string; readonly x: number; readonly y: number }) {
  const width = text.length * 5.3 + 12;
  return (
    <g className="part-sign">
      <rect x={x - width / 2} y={y - 7} width={width} height={15} rx={7.5} />
      <text x={x} y={y + 3.9} textAnchor="middle">
        {` ${text}`}
      </text>
    </g>
  );
}

function Way({
  edge: { line, label, labelAt, dashed },
  taken,
  order,
  near,
}: {
  readonly edge: PlacedEdge;
  /** null: no request is shown. */
  readonly taken: boolean | null;
  readonly order: number;
  readonly near: boolean;
}) {
  return (
    <g
      className="way"
      data-taken={taken ?? undefined}
      data-dashed={dashed ? "" : undefined}
      data-far={near ? undefined : ""}
      style={{ "--order": order } as CSSProperties} // React knows no custom properties
    >
      <path d={pathData(line)} pathLength={dashed && !taken ? undefined : 1} />
      <path d={head(line)} className="way-head" />
      {label && (
        <text x={labelAt.x} y={labelAt.y} textAnchor={labelAt.anchor}>
          {label}
        </text>
      )}
    </g>
  );
}

/** What a part is, beside it. The list says the same, so only eyes need it. */
function Note({
  node,
  lit,
  height,
}: {
  readonly node: PlacedNode;
  readonly lit: LitNode | null;
  readonly height: number;
}) {
  const { box, at, span } = node;
  const above = box.y > height * 0.6;
  const column = span ? 1 : at[0];
  const place: CSSProperties = {
    ...(above
      ? { bottom: `${((height - box.y + 12) / height) * 100}%` }
      : { top: `${((box.y + box.height + 12) / height) * 100}%` }),
    ...(column === 0 && { left: `${(box.x / WIDTH) * 100}%` }),
    ...(column === 1 && { left: "50%", translate: "-50% 0" }),
    ...(column === 2 && { right: `${((WIDTH - box.x - box.width) / WIDTH) * 100}%` }),
  };
  return (
    <div className="plate-note" style={place} aria-hidden="true">
      <p className="font-semibold">{node.label}</p>
      <p className="text-sm text-soft">{node.product}</p>
      <p className="mt-1.5 text-sm">{node.explains}</p>
      {lit && <p className="mt-1.5 text-sm font-medium">Your request: {wordsOf(lit.stop)}.</p>}
    </div>
  );
}

/** A part and those that it leads to or that lead to it. */
function neighbours(id: string, edges: readonly DrawnEdge[]): ReadonlySet<string> {
  return new Set([id, ...edges.flatMap(({ from, to }) => (from === id ? [to] : to === id ? [from] : []))]);
}

function isTaken(edge: DrawnEdge, taken: ReadonlySet<DrawnEdge>): boolean {
  return [...taken].some(({ from, to }) => from === edge.from && to === edge.to);
}

function rowOf(nodes: readonly PlacedNode[], id: string): number {
  return nodes.find((node) => node.id === id)?.at[1] ?? 0;
}

const CORNER = 6;
/** From a group's edge: beside the number of the part in its corner. */
const LABEL_INSET = 20;

/** A line with round corners. */
function pathData(line: Line): string {
  return line
    .map((point, index) => {
      const [before, after] = [line[index - 1], line[index + 1]];
      if (!before) return `M${point.x} ${point.y}`;
      if (!after) return `L${point.x} ${point.y}`;
      const near = (other: typeof point) => {
        const length = Math.abs(other.x - point.x) + Math.abs(other.y - point.y);
        const part = Math.min(CORNER, length / 2) / length;
        return `${point.x + (other.x - point.x) * part} ${point.y + (other.y - point.y) * part}`;
      };
      return `L${near(before)}Q${point.x} ${point.y} ${near(after)}`;
    })
    .join("");
}

/** The tip of an arrow at a line's end. */
function head(line: Line): string {
  const [end, before] = [line.at(-1), line.at(-2)];
  if (!end || !before) return "";
  const [dx, dy] = [Math.sign(end.x - before.x), Math.sign(end.y - before.y)];
  const [x, y] = [end.x - dx * 7, end.y - dy * 7];
  return `M${end.x} ${end.y}L${x + dy * 3.6} ${y + dx * 3.6}L${x - dy * 3.6} ${y - dx * 3.6}Z`;
}
