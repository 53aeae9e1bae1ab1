import { JobRunner } from "./job-runner.ts";
import { routes } from "./routes.ts";
import { scheduled } from "./scheduled.ts";

const app = routes();

export default {
  fetch: app.fetch,
  async scheduled(_controller, env) {
    await scheduled(env);
  },
} satisfies ExportedHandler<Env>;
export { JobRunner };
