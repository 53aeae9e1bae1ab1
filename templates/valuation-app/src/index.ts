import { api, isApiPath } from "./api.ts";
import { Appraiser } from "./appraiser.ts";
import { consumeReappraisals } from "./reappraisal.ts";
import { scheduled } from "./scheduled.ts";
import { servePage } from "./serve-page.ts";

const app = api();

export default {
  fetch(request, env, context) {
    return isApiPath(new URL(request.url).pathname) ? app.fetch(request, env, context) : servePage(request, env);
  },
  queue: consumeReappraisals,
  async scheduled(_controller, env) {
    await scheduled(env);
  },
} satisfies ExportedHandler<Env>;
export { Appraiser };
