import { Feeder } from "./feeder.ts";
import { queue } from "./queue.ts";
import { routes } from "./routes.ts";
import { scheduled } from "./scheduled.ts";

const app = routes();

export default {
  fetch: app.fetch,
  queue,
  async scheduled(_controller, env) {
    await scheduled(env);
  },
} satisfies ExportedHandler<Env>;
export { Feeder };
