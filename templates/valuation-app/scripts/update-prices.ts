import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { calcPrice, findProvider } from "@pydantic/genai-prices";
import { PriceList, type ProviderPrice, REQUEST } from "../src/domain/price-list.ts";

/** Of each provider one model that people use now, by the list's own ids. */
const CHOICE: readonly (readonly [provider: string, model: string])[] = [
  ["anthropic", "claude-sonnet-5"],
  ["openai", "gpt-6-luna"],
  ["google", "gemini-3.8-flash"],
  ["x-ai", "grok-4.6"],
  ["mistral", "mistral-large-2512"],
  ["cohere", "command-a"],
  ["deepseek", "deepseek-v4-flash"],
  ["moonshotai", "kimi-k3"],
  ["minimax", "minimax-m3"],
  ["zai", "GLM-5.3"],
  ["perplexity", "sonar"],
  ["arcee", "trinity-large-thinking"],
  ["aws", "amazon.nova-pro-v1:0"],
  ["azure", "phi-4"],
  ["cloudflare", "@cf/zai-org/glm-4.7-flash"],
  ["groq", "openai/gpt-oss-120b"],
  ["cerebras", "gpt-oss-120b"],
  ["fireworks", "accounts/fireworks/models/deepseek-v4-pro"],
  ["together", "meta-llama/Llama-3.3-70B-Instruct-Turbo"],
  ["novita", "meta-llama/llama-3.3-70b-instruct"],
  ["baseten", "zai-org/GLM-5.3-Flash"],
  ["ovhcloud", "Qwen3-32B"],
  ["avian", "deepseek/deepseek-v4-pro"],
  ["openrouter", "anthropic/claude-haiku-4.5"],
];

const FILE = join(import.meta.dirname, "../src/domain/token-prices.json");
/** How the page calls a provider, where the list's own name is not how it writes itself. */
const NAMES: Readonly<Record<string, string>> = {
  "x-ai": "xAI",
  aws: "Amazon Bedrock",
  deepseek: "DeepSeek",
  mistral: "Mistral AI",
  moonshotai: "Moonshot AI",
  ovhcloud: "OVHcloud",
};

const { name, version } = JSON.parse(readFileSync(listFile(), "utf8")) as { name: string; version: string }; // npm's own
// Noon: some prices depend on the hour.
const at = new Date(`${new Date().toISOString().slice(0, 10)}T12:00:00Z`);
const list = PriceList.parse({
  list: `${name} ${version}`,
  takenOn: at.toISOString().slice(0, 10),
  request: REQUEST,
  providers: CHOICE.map(([provider, model]) => priceOf(provider, model)).sort((a, b) => a.id.localeCompare(b.id)),
});
writeFileSync(FILE, `${JSON.stringify(list, null, 2)}\n`);
const digest = createHash("sha256").update(JSON.stringify(list.providers)).digest("hex").slice(0, 8);
console.log(`${list.providers.length} providers from ${list.list}, ${list.takenOn} (${digest})`);

/** @throws when the list has no such model: choose another one, never a price of nothing */
function priceOf(providerId: string, modelId: string): ProviderPrice {
  const provider = findProvider({ providerId });
  if (!provider) throw new Error(`${version} does not list ${providerId}: take it out of the choice`);
  const usage = { input_tokens: REQUEST.inputTokens, output_tokens: REQUEST.outputTokens };
  const price = calcPrice(usage, modelId, { providerId, timestamp: at });
  if (!price || !modelId.endsWith(price.model.id)) {
    throw new Error(`${providerId} has no ${modelId}; it has ${provider.models.map(({ id }) => id).join(", ")}`);
  }
  return {
    id: provider.id,
    name: NAMES[provider.id] ?? provider.name.replace(/ AI Endpoints$/, ""),
    model: price.model.name ?? price.model.id,
    nanoUsdPerRequest: Math.round(price.total_price * 1e9),
    source: provider.pricing_urls?.find((url) => url.startsWith("https://")) ?? "",
  };
}

function listFile(): string {
  const entry = createRequire(import.meta.url).resolve("@pydantic/genai-prices");
  return join(entry, "../../package.json");
}
