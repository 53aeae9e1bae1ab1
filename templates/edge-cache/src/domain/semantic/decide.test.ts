import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, type Verdict } from "./decide.ts";

const ask = (content: string) => [{ role: "user", content }];
const verdict = (one: string, other: string): Verdict => decide(ask(one), ask(other)).verdict;

describe("asks for the same", () => {
  it.each([
    ["What is the capital of France?", "Which city is France's capital?"],
    ["What is the capital of France?", "what's the capital of france"],
    ["How do I reset my password?", "Can you please tell me how to reset a password?"],
    ["How tall is Mount Everest?", "What's the height of Mount Everest?"],
    ["what is cloudflare workers", "Explain Cloudflare Workers to me"],
    ["enable 2FA", "turn on two-factor authentication"],
    ["turn dark mode on", "turn on dark mode"],
    ["Convert $100 to euros", "convert 100 dollars to EUR"],
    ["In Python, how do I sort a list?", "How do I sort a list in Python?"],
    ["Who wrote Hamlet?", "Who is the author of Hamlet?"],
    ["What are the symptoms of flu?", "flu symptoms"],
    ["What is the difference between TCP and UDP?", "How does UDP differ from TCP?"],
    ["Why isn't my code working?", "Why is my code not working?"],
    ["Flights from Paris to Rome", "flights to Rome from Paris"],
    ["How can I colour my hair?", "how to color hair"],
    ["When was World War II started?", "When did the Second World War begin?"],
    ["How many people live in Tokyo?", "What is Tokyo's population?"],
    ["How do I change a lamp?", "changing a lamp"],
    ["How do I install Redis on Debian?", "Installation of Redis on Debian"],
    ["How do I sort a table in Excel?", "How can I sort an Excel table?"],
    ["How should milk be stored?", "What's the best way to store milk?"],
    ["Can soup be frozen?", "Is it possible to freeze soup?"],
    ["My printer won't print, what can I do?", "What should I do if my printer does not print?"],
    ["How do I dispute a fee on a hotel bill?", "How do I dispute a hotel bill fee?"],
    ["tea vs coffee", "What is the difference between coffee and tea?"],
    ["Is it dangerous to swim alone?", "Is swimming alone dangerous?"],
    ["How often should the filter be cleaned?", "How often do I need to clean the filter?"],
    ["What is a good book about birds?", "Which book about birds do you recommend?"],
    ["What does osmosis mean?", "Define osmosis"],
    ["What is osmosis?", "Define osmosis"],
    ["In what language is it written?", "What language is it written in?"],
  ])("%s = %s", (one, other) => {
    expect(verdict(one, other)).toBe("same");
  });
});

describe("tells apart", () => {
  it.each([
    ["number", "Convert 100 USD to EUR", "Convert 200 USD to EUR"],
    ["unit", "How long is 5 km in miles?", "How long is 5 cm in miles?"],
    ["direction", "Convert 100 USD to EUR", "Convert 100 EUR to USD"],
    ["direction", "Did the dog bite the man?", "Did the man bite the dog?"],
    ["antonym", "turn dark mode on", "turn dark mode off"],
    ["antonym", "enable 2FA", "disable 2FA"],
    ["tense", "Who is the CEO of Apple?", "Who was the CEO of Apple?"],
    ["name", "What is the capital of France?", "What is the capital of Germany?"],
    ["negation", "Which countries are in the EU?", "Which countries are not in the EU?"],
    ["quantity", "Who was the first king of England?", "Who was the last king of England?"],
    ["comparison", "What is the cheapest phone?", "What is the best phone?"],
    ["format", "Explain recursion in one sentence", "Explain recursion"],
    ["audience", "Explain gravity to a child", "Explain gravity to an expert"],
    ["kind", "When was Tesla founded?", "Where was Tesla founded?"],
    ["person", "What is your name?", "What is my name?"],
    ["code", "What does `a + b` do?", "What does `a - b` do?"],
  ])("by %s: %s / %s", (guard, one, other) => {
    const decision = decide(ask(one), ask(other));
    expect(decision.verdict).toBe("different");
    expect(decision.reasons.map((reason) => reason.guard)).toContain(guard);
  });

  it.each([
    ["Who can help us?", "Who can help US?"],
    ["What is vitamin A for?", "What is vitamin for?"],
    ["How do I polish shoes in Turkey?", "How do I polish shoes in turkey?"],
    ["What is 5 Mb?", "What is 5 MB?"],
    ["Is Python 3.1 supported?", "Is Python 3.10 supported?"],
    ["Why is it not bad if I sleep?", "Why is it bad if I do not sleep?"],
    ["Was ist die Hauptstadt?", "Was ist eine Hauptstadt?"],
    ["What is C?", "What is C++?"],
    ["Name the planets", "Explain the planets"],
    ["Explain recursion", "Define recursion"],
    ["Is there a doctor?", "Do you have a doctor?"],
    ["What is sewing?", "What is sew?"],
    ["How do I take back my car?", "How do I undo my car?"],
    ["How do I found a company?", "How do I find a company?"],
    ["Can I sue my landlord?", "Can my landlord sue me?"],
    ["Is it true that I can't leave?", "Is it true that I can leave?"],
    ["Is the door open?", "Is the door opened?"],
    ["What is the largest city in Texas?", "What are the largest cities in Texas?"],
    ["I only want to eat meat", "Only I want to eat meat"],
    ["How do you feel?", "How do I feel?"],
    ["Are you allowed to smoke?", "Am I allowed to smoke?"],
    ["What year is it?", "When is it?"],
    ["What does ; do in C?", "What does , do in C?"],
    ["What is [] in JS?", "What is {} in JS?"],
    ["What is 5!?", "What is 5?"],
    ["When was Tom killed?", "When did Tom kill?"],
    ["What do lions eat?", "What eats lions?"],
    ["Who was killed by Brutus?", "Who killed Brutus?"],
    ["How much do I owe you?", "How much do you owe me?"],
    ["Is the light on?", "Is the light off?"],
    ["How many pounds in a dollar?", "How many dollars in a pound?"],
    ["Is pаypal safe?", "Is paypal safe?"],
    ["Explain osmosis", "Define osmosis"],
    ["changing a lamp", "Should I change a lamp?"],
    ["cutting boards", "How do I cut boards?"],
    ["Write a poem", "How do I write a poem?"],
    ["Can my boss be fired?", "Can my boss fire me?"],
    ["Is the cat chased by the dog?", "Does the cat chase the dog?"],
    ["How do I cook for a dog?", "How do I cook a dog?"],
    ["What causes rust?", "What does rust cause?"],
    ["How do I learn fast food recipes?", "How do I learn food recipes fast?"],
    ["How much should I tip?", "How much must I tip?"],
    ["How do I call Python from Java?", "How do I call Java from Python?"],
    ["What is the fastest way to learn chess?", "What is the cheapest way to learn chess?"],
    ["What is the best time to visit Rome?", "What is the worst time to visit Rome?"],
  ])("does not say that %s asks for the same as %s", (one, other) => {
    expect(verdict(one, other)).not.toBe("same");
  });

  it("looks at all that was said before", () => {
    const before = (context: string) => [
      { role: "user", content: context },
      { role: "assistant", content: "Yes." },
      { role: "user", content: "How big is it?" },
    ];
    expect(decide(before("Do you know Rome?"), before("Do you know Paris?")).verdict).toBe("different");
    expect(decide(before("Do you know Rome?"), before("Do you know Rome?")).verdict).toBe("same");
  });
});

const TOPICS = [
  "the battery",
  "Berlin",
  "an invoice",
  "the Python parser",
  "my router",
  "green tea",
  "Ada Lovelace",
  "the red car",
];
const FRAMES = [
  "What is the price of X?",
  "How do I clean X?",
  "Why is X so slow?",
  "Is X good for 5 people?",
  "Compare X with 20 kg of rice",
  "Did Anna give X to Bob?",
  "Who was first to use X?",
  "Tell me about X in 2 sentences",
];
const question = fc
  .tuple(fc.constantFrom(...FRAMES), fc.constantFrom(...TOPICS))
  .map(([frame, topic]) => frame.replace("X", topic));
const anything = fc.oneof(question, fc.string({ maxLength: 80 }), fc.string({ unit: "grapheme", maxLength: 80 }));

describe("for any messages", () => {
  it("gives the same verdict both ways round", () => {
    fc.assert(fc.property(anything, anything, (one, other) => verdict(one, other) === verdict(other, one)));
  });

  it("finds every message the same as itself", () => {
    fc.assert(fc.property(anything, (text) => verdict(text, text) === "same"));
  });

  it("never overlooks another number", () => {
    const number = fc.integer({ min: 0, max: 1e9 });
    fc.assert(
      fc.property(question, number, number, (text, one, other) => {
        fc.pre(one !== other);
        expect(verdict(`${text} I have ${one} of them.`, `${text} I have ${other} of them.`)).not.toBe("same");
      }),
    );
  });

  it("never overlooks another unit", () => {
    const unit = fc.constantFrom(
      "km",
      "miles",
      "kg",
      "pounds",
      "hours",
      "minutes",
      "USD",
      "euros",
      "%",
      "GB",
      "MB",
      "litres",
    );
    fc.assert(
      fc.property(unit, unit, fc.nat(999), (one, other, amount) => {
        fc.pre(one !== other);
        expect(verdict(`How much is ${amount} ${one}?`, `How much is ${amount} ${other}?`)).not.toBe("same");
      }),
    );
  });

  it("never overlooks a negation", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...TOPICS),
        fc.constantFrom("Is X V?", "Why is X V?", "When is X V?", "Tell me if X is V", "X is V"),
        fc.constantFrom("safe", "working", "broken", "allowed"),
        (topic, frame, word) => {
          const text = frame.replace("X", topic);
          expect(verdict(text.replace("V", word), text.replace("V", `not ${word}`))).not.toBe("same");
        },
      ),
    );
  });

  it("never overlooks another named thing", () => {
    const name = fc.stringMatching(/^[A-Z][a-z]{3,9}$/);
    fc.assert(
      fc.property(fc.constantFrom(...FRAMES), name, name, (frame, one, other) => {
        fc.pre(one.toLowerCase() !== other.toLowerCase());
        expect(verdict(frame.replace("X", one), frame.replace("X", other))).not.toBe("same");
      }),
    );
  });

  it("takes no time for a very long message", () => {
    const long = "What is ".repeat(100_000);
    expect(verdict(long, `${long} it`)).toBe("uncertain");
  });
});
