import { describe, expect, it } from "vitest";
import { compareAnswers, compareWords, cosine, needsCosine } from "./compare-answers.ts";

/** Answers to the same words. */
const words = (one: string, other: string) =>
  compareWords({ question: "", answer: one }, { question: "", answer: other });
/** As if the answers' vectors were as near as they can be, or far apart. */
const near = (one: string, other: string) => compareAnswers(words(one, other), 0.97);
const far = (one: string, other: string) => compareAnswers(words(one, other), 0.3);

const BOIL = "Fill the kettle with equal parts of vinegar and water, boil it, wait thirty minutes, then rinse it well.";
const BOIL_TOO = "Boil equal parts of water and vinegar in the kettle, wait thirty minutes and rinse it well.";

describe("two answers", () => {
  it("are equal when their words and their vectors agree", () => {
    expect(near(BOIL, BOIL_TOO)).toBe("equal");
    expect(near(BOIL, BOIL)).toBe("equal");
  });

  it.each([
    [
      "another number",
      "The tower in Paris is 330 metres high, with antennas",
      "The tower in Paris is 312 metres high, with antennas",
    ],
    ["no number", `${BOIL} Use 200 ml.`, BOIL],
    [
      "a denial",
      "You should peel ripe kiwis before eating their flesh",
      "You should not peel ripe kiwis before eating their flesh",
    ],
    ["yes without yes", `Yes. ${BOIL}`, BOIL],
  ])("are never equal with %s", (_, one, other) => expect(near(one, other)).not.toBe("equal"));

  it.each([
    ["yes and no", "Yes, kiwis can be eaten raw.", "No, kiwis cannot be eaten raw."],
    ["numbers of which none is shared", "It was built in 1889.", "It was built in 1930."],
  ])("are different that contradict each other: %s", (_, one, other) => expect(near(one, other)).toBe("different"));

  it("are different when they share neither words nor direction", () => {
    const other = "Rome became the capital of Italy after the annexation of the Papal States.";
    expect(far(BOIL, other)).toBe("different");
    expect(near(BOIL, other)).toBe("open");
  });

  it.each([
    ["Yes.", "Yes."],
    ["Paris", "Paris"],
    ["", ""],
  ])("prove nothing by so few words: %s", (one, other) => {
    expect([near(one, other), far(one, other)]).toEqual(["open", "open"]);
    expect(needsCosine(words(one, other))).toBe(false);
  });

  it("take a list's own numbers, and how numbers are written, for form", () => {
    const list = "1. Boil 1,000 ml of water\n2. Add salt and pasta\n3. Stir gently";
    const dashes = "- Boil 1000 ml of water\n- Add salt and pasta\n- Stir gently";
    expect(near(list, dashes)).toBe("equal");
  });

  it("are not equal when each speaks of what only its own question names", () => {
    const about = (thing: string) => ({
      question: `How do I descale ${thing}?`,
      answer: `To descale ${thing}, fill it with vinegar and water, heat it, wait thirty minutes, then rinse it well.`,
    });
    const compare = (one: string, other: string) => compareAnswers(compareWords(about(one), about(other)), 0.97);
    expect(compare("a kettle", "an iron")).toBe("open");
    expect(compare("a kettle", "a copper kettle")).toBe("open");
    expect(compare("a kettle", "the kettle")).toBe("equal");
  });

  it("are judged the same whichever comes first, and need their vectors only where those could decide", () => {
    for (const [one, other] of [
      [BOIL, BOIL_TOO],
      ["Yes", "No"],
      [BOIL, "Rome is the capital of Italy, not Milan."],
    ] as const) {
      expect(words(one, other)).toEqual(words(other, one));
    }
    expect(needsCosine(words(BOIL, BOIL_TOO))).toBe(true);
    expect(needsCosine(words("It was built in 1889.", "It was built in 1930."))).toBe(false);
  });
});

it("vectors point the same way, across, or nowhere", () => {
  expect(cosine([1, 2], [2, 4])).toBeCloseTo(1);
  expect(cosine([1, 0], [0, 3])).toBe(0);
  expect(cosine([0, 0], [1, 1])).toBe(0);
});
