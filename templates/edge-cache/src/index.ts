import { Flight } from "./flight.ts";
import { routes } from "./routes.ts";

const app = routes();

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
export { Flight };
