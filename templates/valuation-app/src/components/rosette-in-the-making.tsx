import * as m from "motion/react-m";
import { guilloche } from "../domain/guilloche.ts";

/** A rosette while it is being engraved. Only drawn in the browser: the server would print nothing. */
export function RosetteInTheMaking({
  fingerprint,
  className,
}: {
  readonly fingerprint: string;
  readonly className?: string;
}) {
  return (
    <svg viewBox="-100 -100 200 200" className={`rosette ${className ?? ""}`} aria-hidden="true">
      {guilloche(fingerprint).map(({ path, turns }, band) => (
        <g key={path}>
          {turns.map((turn, copy) => (
            <g key={turn} transform={`rotate(${turn})`}>
              <m.path
                d={path}
                initial={{ pathLength: 0 }}
                animate={{ pathLength: 1 }}
                transition={{ duration: 2.6, delay: band * 0.35 + copy * 0.12, ease: "easeInOut" }}
              />
            </g>
          ))}
        </g>
      ))}
    </svg>
  );
}
