/** Questions to models, within the budget: text, JSON, streams, embeddings, pictures. */
export { AiError, type AiErrorCode, type BudgetFacts } from "./ai/ai-error.ts";
export { type AnswerShape, jsonSchemaShape, zodShape } from "./ai/answer-shape.ts";
export { type AiClientOptions, aiClient } from "./ai/client.ts";
export type { AiAnswer, AiClient, AiQuestion, AiStream, CallOptions, ImageRequest, Message } from "./ai/contract.ts";
export type { AiBinding } from "./ai/gateway-transport.ts";
