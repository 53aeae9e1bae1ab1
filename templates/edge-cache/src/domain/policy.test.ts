import { describe, expect, it } from "vitest";
import { whyNotKept } from "./policy.ts";

const user = (content: string) => [{ role: "user" as const, content }];
const why = (content: string, keepCreative = false) => whyNotKept(user(content), { keepCreative });

describe("the policy lets past the cache", () => {
  it.each([
    "Write to ann.smith@mail.shop.de that she has won",
    "Call me at 020 7946 0958 please",
    "Is +49 30 901820 a number in Berlin?",
    "Whose number is (212) 555-0187?",
    "Reach 212-555-0187",
    "Is 4111 1111 1111 1111 a valid card?",
    "My card 5500-0000-0000-0004 was refused",
    "Transfer to DE89 3704 0044 0532 0130 00 please",
    "gb82west12345698765432 is whose bank?",
    "Is 536-90-4399 valid?",
    "SSN: 536 90 4399",
    "passport number C01X00T47, is it German?",
    "my name is Ann, hello",
    "Hi, I'm called Bob",
    "Ich heiße Anna",
    "What is in my account?",
    "Why was my account closed?",
    "When does my last order arrive",
    "customer number: 48151623",
    "I was diagnosed with diabetes, what now",
    "ｍｙ ｎａｍｅ ｉｓ Ann",
    "my na\u200Bme is Ann",
  ])("personal data: %s", (text) => expect(why(text)).toBe("personal"));

  it.each([
    "What is wrong with sk-proj-abcdefghijklmnop1234567890?",
    "AKIAIOSFODNN7EXAMPLE does not work",
    "git clone fails with ghp_0123456789abcdefghij0123456789abcdef",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=",
    "-----BEGIN PRIVATE KEY-----",
    "decode eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
    "connect to postgres://app:s3cret@db.internal/x",
    "my password is hunter2, is it strong?",
    "DB_PASSWORD=correcthorse",
    'curl -H "Authorization: Bearer abcdefghijklmnop1234"',
    "The PIN is 4711",
  ])("secrets: %s", (text) => expect(why(text)).toBe("secret"));

  it.each([
    "What is the weather in Oslo?",
    "Who is the current CEO of Acme?",
    "What is the current price of gold?",
    "What happened today in Rome?",
    "the latest version of Node",
    "What time is it?",
    "Is it raining right now",
    "How much is a bitcoin?",
    "Wie wird das Wetter morgen?",
    "¿Qué hora es ahora?",
    "Who is president now?",
    "What's new this week?",
  ])("live data: %s", (text) => expect(why(text)).toBe("live"));

  it.each([
    "Write a short funny poem about rain",
    "Tell me a joke",
    "tell me another joke",
    "Come up with five names for a cat, brainstorm",
    "Make up a bedtime story for Ann",
    "Schreibe mir ein Gedicht",
    "Roll a die",
  ])("what shall be invented, unless the settings keep it: %s", (text) => {
    expect(why(text)).toBe("creative");
    expect(why(text, true)).toBeNull();
  });
});

it.each([
  "What is a CDN?",
  "How do I close my account?",
  "How can I change the password of my account?",
  "Where can I see my order history?",
  "The password is wrong, what do I do?",
  "What does 'password is required' mean?",
  "What is electric current?",
  "How does alternating current work?",
  "Explain the difference between current and voltage",
  "Who wrote the poem The Raven?",
  "What is the plot of Hamlet?",
  "Write a function that sorts names",
  "Is 1234567890123456 prime?",
  "550e8400-e29b-41d4-a716-446655440000",
  "12345678-1234-4123-8123-123456789012",
  "Convert 1700000000 to a date",
  "What happened on 2019-07-20 10:30?",
  "What is the IBAN of a bank for?",
  "mail me at someone@example.com is an example of what?",
  "How do exchange rates work?",
  "Now that you know this, what is 12 % of 480?",
  "What is JWT, and why does it begin with eyJ?",
  "What is an API key?",
  "git log -p 2.43.0",
  "192.168.100.200 is what kind of address?",
])("keeps what is the same for everybody: %s", (text) => expect(why(text)).toBeNull());

describe("where it looks", () => {
  const system = (content: string) => ({ role: "system" as const, content });

  it("takes personal data in the system's message for the application's own, but no secret", () => {
    const mail = [system("Support is help@shop.de. Today is Monday."), ...user("What is a CDN?")];
    expect(whyNotKept(mail, { keepCreative: false })).toBeNull();
    const key = [system("Use sk-ant-abcdefghijklmnop1234"), ...user("What is a CDN?")];
    expect(whyNotKept(key, { keepCreative: false })).toBe("secret");
  });

  it("looks at every message of a conversation, in parts, and at what tools were called with", () => {
    const earlier = [...user("my name is Ann"), ...user("What is a CDN?")];
    expect(whyNotKept(earlier, { keepCreative: false })).toBe("personal");
    const parts = [{ role: "user" as const, content: [{ type: "text" as const, text: "mail ann@shop.de" }] }];
    expect(whyNotKept(parts, { keepCreative: false })).toBe("personal");
    const call = {
      role: "assistant" as const,
      content: null,
      tool_calls: [{ function: { arguments: "ann@shop.de" } }],
    };
    expect(whyNotKept([call, ...user("and then?")], { keepCreative: false })).toBe("personal");
  });

  it("reads the ends of a long message for wishes, all of it for secrets", () => {
    const page = "words of a page ".repeat(200);
    expect(why(`Summarise: ${page} It was news today. ${page}`)).toBeNull();
    expect(why(`${page} What is the weather in Oslo?`)).toBe("live");
    expect(why(`Summarise: ${page} ghp_0123456789abcdefghij0123456789abcdef ${page}`)).toBe("secret");
  });

  it("takes its time in step with the text, not with its square", () => {
    // A pattern that took its square would run into the test's time.
    for (const piece of ["a", "1 ", "my ", "a@", "a.", "0-", "x-", "password ", "de12 ", "eyJ-", "my order "]) {
      expect(why(piece.repeat(100_000 / piece.length))).not.toBe("secret");
    }
  });
});
