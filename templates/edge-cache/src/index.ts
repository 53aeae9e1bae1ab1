import { consumeDocuments } from "./documents/consume-documents.ts";
import { Flight } from "./flight.ts";
import { inOpenAiForm } from "./openai/openai-error.ts";
import { routes } from "./routes.ts";
import { scheduled } from "./scheduled.ts";

const app = routes();

export default {
  async fetch(request, env, context) {
    return inOpenAiForm(request, await app.fetch(request, env, context));
  },
  queue: consumeDocuments,
  async scheduled(_controller, env) {
    await scheduled(env);
  },
} satisfies ExportedHandler<Env>;
export { Flight };
