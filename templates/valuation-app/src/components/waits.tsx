import { formatCost, formatDuration } from "../domain/format.ts";
import type { Hop, HopName, Trace } from "../domain/trace.ts";

const NAMES: Readonly<Record<HopName, { readonly title: string; readonly where: string }>> = {
  "submission-lookup": { title: "Was this form sent before?", where: "D1, DB" },
  "answer-lookup": { title: "Is there an answer?", where: "KV, ANSWERS" },
  appraiser: { title: "The appraiser, all in all", where: "Durable Object, APPRAISER" },
  reserve: { title: "Reserve the worst case", where: "D1, LEDGER" },
  model: { title: "Ask a model", where: "AI Gateway, AI" },
  settle: { title: "Settle the cost", where: "D1, LEDGER" },
  "answer-keep": { title: "Keep the answer", where: "KV, ANSWERS" },
  "picture-lookup": { title: "Is there a picture?", where: "KV, ANSWERS" },
  "picture-reserve": { title: "Reserve a picture’s price", where: "D1, LEDGER" },
  "picture-model": { title: "Ask for a picture", where: "AI Gateway, AI" },
  "picture-settle": { title: "Settle the picture’s cost", where: "D1, LEDGER" },
  "picture-store": { title: "Store the picture", where: "R2, PICTURES" },
  "picture-keep": { title: "Keep the picture’s name", where: "KV, ANSWERS" },
};

/** What a request waited for: when, how long, at what cost, and what was kept. */
export function Waits({ trace, tookMs }: { readonly trace: Trace; readonly tookMs: number }) {
  const end = Math.max(1, tookMs, ...trace.map((hop) => hop.startMs + hop.tookMs));
  return (
    <div className="scroll">
      <table className="w-full">
        <caption className="visually-hidden">What the request waited for, in the order in which it began</caption>
        <thead>
          <tr>
            <th scope="col">Wait</th>
            <th scope="col" className="hidden w-1/3 sm:table-cell">
              When
            </th>
            <th scope="col" className="text-right">
              Took
            </th>
            <th scope="col" className="text-right">
              Cost
            </th>
            <th scope="col" className="hidden sm:table-cell">
              Result
            </th>
          </tr>
        </thead>
        <tbody>
          {trace.map((hop) => (
            <tr key={`${hop.name} ${hop.startMs} ${hop.tookMs}`}>
              <th scope="row" className="font-normal">
                {NAMES[hop.name].title}{" "}
                <span className="block text-xs text-soft xl:ml-2 xl:inline">
                  {NAMES[hop.name].where}
                  {/* Where there is no room for its column. */}
                  <span className="sm:hidden">: {resultOf(hop)}</span>
                </span>
              </th>
              <td className="hidden sm:table-cell">
                <span className="visually-hidden">after {hop.startMs} ms</span>
                <div className="wait-bar">
                  <span
                    data-state={hop.state}
                    style={{
                      left: `${(hop.startMs / end) * 100}%`,
                      width: `max(3px, ${(hop.tookMs / end) * 100}%)`,
                    }}
                  />
                </div>
              </td>
              <td className="numeric text-right whitespace-nowrap">
                {hop.tookMs < 1 ? "< 1 ms" : formatDuration(hop.tookMs)}
              </td>
              <td className="numeric text-right whitespace-nowrap">{costOf(hop)}</td>
              <td className="hidden text-sm sm:table-cell">{resultOf(hop)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function costOf({ costNano, heldNano }: Hop): string {
  if (costNano !== undefined) return formatCost(costNano);
  return heldNano === undefined ? "–" : `(${formatCost(heldNano)})`;
}

function resultOf({ name, state, model, gatewayCache }: Hop): string {
  if (name === "appraiser") return state === "hit" ? "it still knew" : state === "miss" ? "asked" : state;
  if (model !== undefined) {
    return `${model.split("/").at(-1) ?? model}${gatewayCache === "hit" ? ", from the gateway’s cache" : ""}`;
  }
  return state === "done" ? "done" : state;
}
