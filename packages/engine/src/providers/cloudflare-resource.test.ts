import { describe, expect, it } from "vitest";
import type { ResourceAdapter } from "../adapter.ts";
import { CloudflareClient } from "../cloudflare-client.ts";
import { cloudflareResource } from "./cloudflare-resource.ts";

const unused = () => Promise.reject(new Error("not called"));

function resource(adapter: Partial<ResourceAdapter>) {
  const client = new CloudflareClient({ baseUrl: "http://127.0.0.1:9", apiToken: "token" });
  const whole = {
    replaceOn: [],
    computed: [],
    create: unused,
    read: unused,
    update: unused,
    delete: unused,
    ...adapter,
  };
  return cloudflareResource(whole, () => client, "/");
}

describe("the outputs of a resource", () => {
  const inputs = { modules: [{ name: "a.js" }], settings: { size: 1 } };
  const answer = { modules: [{ name: "a.js", contentSha256: "0" }], settings: { size: 2, delay: 3 } };

  it("are the answer with the inputs laid over it", async () => {
    const made = resource({ create: async () => ({ id: "x", outputs: answer }) });
    const { outputs } = await made.create(inputs, new AbortController().signal);
    expect(outputs).toMatchObject({ id: "x", modules: [{ name: "a.js" }], settings: { size: 1, delay: 3 } });
    expect(outputs["modules"]).toEqual(inputs.modules);
  });

  it("keep what the provider computes inside a list of the inputs", async () => {
    const made = resource({
      ownOutputs: ["modules"],
      create: async () => ({ id: "x", outputs: answer }),
      read: async () => ({ id: "x", inputs, outputs: answer }),
    });
    const { signal } = new AbortController();
    expect((await made.create(inputs, signal)).outputs["modules"]).toEqual(answer.modules);
    expect((await made.read("x", { inputs, outputs: {} }, signal))?.outputs["modules"]).toEqual(answer.modules);
  });
});
