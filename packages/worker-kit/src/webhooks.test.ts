import { describe, expect, it } from "vitest";
import { signWebhook, verifyWebhook } from "./webhooks.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const at = 1_614_265_330_000;
const message = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body: '{"test": 2432232314}' };

describe("webhooks", () => {
  it("signs as the standard's own example does", async () => {
    expect(await signWebhook(secret, message)).toEqual({
      "webhook-id": message.id,
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  const verify = async (change: Record<string, string>, body = message.body, now = at, key = secret) =>
    verifyWebhook(key, new Headers({ ...(await signWebhook(secret, message)), ...change }), body, now);
  const good = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

  it.each([
    ["one signature", good],
    ["several, one of which matches", `v1,AAAA v2,xyz ${good}`],
  ])("accepts %s", async (_, signature) => {
    expect(await verify({ "webhook-signature": signature })).toBe(message.id);
  });

  it.each<[string, () => Promise<string>, string]>([
    ["another body", () => verify({}, "{}"), "bad_signature"],
    ["another id", () => verify({ "webhook-id": "msg_other" }), "bad_signature"],
    ["another version", () => verify({ "webhook-signature": good.replace("v1", "v2") }), "bad_signature"],
    ["a signature that is no base64", () => verify({ "webhook-signature": "v1,***" }), "bad_signature"],
    ["a cut signature", () => verify({ "webhook-signature": good.slice(0, 20) }), "bad_signature"],
    ["a ninth signature", () => verify({ "webhook-signature": `${"v1,AAAA ".repeat(8)}${good}` }), "bad_signature"],
    ["an old message", () => verify({}, message.body, at + 301_000), "bad_timestamp"],
    ["one from the future", () => verify({}, message.body, at - 301_000), "bad_timestamp"],
    ["a timestamp that is no number", () => verify({ "webhook-timestamp": "1e9" }), "bad_timestamp"],
    ["no id", () => verify({ "webhook-id": "" }), "missing_headers"],
    ["a secret that is none", () => verify({}, message.body, at, ""), "bad_secret"],
  ])("refuses %s", async (_, act, code) => {
    await expect(act()).rejects.toMatchObject({ code });
  });
});
