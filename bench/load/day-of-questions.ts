import { seededNumbers } from "./seeded-numbers.ts";

/** Of a hundred requests so many were asked before: the hit rate of a product whose users repeat each other. */
const REPEATED = 0.62;
/** Of the repeats so many are written in other letters, without their last mark. */
const REWRITTEN = 0.1;

/**
 * The questions of a day, in the order of their coming. A repeat is a repeat of any request before it, so what is asked
 * often is asked more often still, as people do. The same day every time.
 */
export function questionsOfDay(count: number): string[] {
  const random = seededNumbers(20_261_121);
  const asked: string[] = [];
  return Array.from({ length: count }, () => {
    const before = random() < REPEATED ? asked[Math.floor(random() * asked.length)] : undefined;
    const text = before ?? `${SUBJECTS[Math.floor(random() * SUBJECTS.length)]} number ${asked.length}?`;
    asked.push(text);
    return before !== undefined && random() < REWRITTEN ? text.toLowerCase().replace("?", "") : text;
  });
}

const SUBJECTS = ["Parcel", "Invoice", "Return of order", "Room", "Flight", "Recipe", "Ticket", "Contract"];
