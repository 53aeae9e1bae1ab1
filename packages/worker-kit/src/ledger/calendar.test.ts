import { expect, it } from "vitest";
import { dayOf, endOfMonth, monthOf } from "./calendar.ts";

it.each([
  ["2026-11-30T23:59:59.999Z", "2026-11", "2026-11-30", "2026-12-01T00:00:00.000Z"],
  ["2026-12-01T00:00:00.000Z", "2026-12", "2026-12-01", "2027-01-01T00:00:00.000Z"],
  ["2028-02-29T12:00:00.000Z", "2028-02", "2028-02-29", "2028-03-01T00:00:00.000Z"],
  ["2026-11-30T23:30:00.000-05:00", "2026-12", "2026-12-01", "2027-01-01T00:00:00.000Z"],
])("%s is in %s, on %s, and that month ends at %s", (moment, month, day, end) => {
  const at = Date.parse(moment);
  expect([monthOf(at), dayOf(at), new Date(endOfMonth(monthOf(at))).toISOString()]).toEqual([month, day, end]);
});
