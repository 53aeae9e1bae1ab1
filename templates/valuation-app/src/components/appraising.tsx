import { domAnimation, LazyMotion, MotionConfig } from "motion/react";
import * as m from "motion/react-m";
import { useEffect, useState } from "react";
import { CATEGORIES } from "../domain/category.ts";
import { fingerprint as fingerprintOf, readDescription } from "../domain/description.ts";
import { type Estimate, estimate } from "../domain/estimate.ts";
import { formatUsd } from "../domain/format.ts";
import type { Pending } from "./appraisal-form.tsx";
import { RosetteInTheMaking } from "./rosette-in-the-making.tsx";

/**
 * What is shown while the models are asked: the deterministic estimate, which the browser knows without asking anybody,
 * and the item's own rosette being engraved. Comes with Motion in a file of its own, which the first page does not load.
 */
export default function Appraising({ pending }: { readonly pending: Pending }) {
  const [known, setKnown] = useState<{ fingerprint: string; estimate: Estimate } | null>(null);
  const seconds = useSeconds();

  useEffect(() => {
    let current = true;
    const read = readDescription(pending.description);
    // Browsers have no hashes on plain http, but for the machine's own address.
    if (!read.ok || !("subtle" in crypto)) return;
    void fingerprintOf(read.text, pending.category).then((fingerprint) => {
      if (current) setKnown({ fingerprint, estimate: estimate(read.text, pending.category, fingerprint) });
    });
    return () => {
      current = false;
    };
  }, [pending]);

  return (
    <LazyMotion features={domAnimation} strict>
      <MotionConfig reducedMotion="user">
        <m.section
          className="certificate p-6 sm:p-8"
          aria-labelledby="pending-heading"
          initial={{ opacity: 0, y: 12 }}
          animate={{ opacity: 1, y: 0 }}
        >
          <h2 id="pending-heading" className="font-engraved text-2xl">
            {known?.estimate.itemName ?? "Your item"}
          </h2>
          <div className="mx-auto my-6 aspect-square w-full max-w-72">
            {known && <RosetteInTheMaking fingerprint={known.fingerprint} className="size-full" />}
          </div>
          {known && (
            <p>
              <span className="text-soft">Before anybody looked: </span>
              <strong className="font-engraved text-xl">{formatUsd(known.estimate.priceCents)}</strong>
              <span className="text-soft">
                {" "}
                is the deterministic estimate ({CATEGORIES[pending.category].label.toLowerCase()}).
              </span>
            </p>
          )}
          <p className="mt-3" role="status">
            A model is being asked for a better one.
          </p>
          <p className="numeric text-soft" aria-hidden="true">
            {seconds} s
          </p>
        </m.section>
      </MotionConfig>
    </LazyMotion>
  );
}

function useSeconds(): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return seconds;
}
