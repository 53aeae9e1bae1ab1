import { gatewayOf } from "@tenner/worker-kit/env-settings";
import type { Settings } from "@tenner/worker-kit/settings";
import { modelsOfExperiments } from "@tenner/worker-kit/settings/experiments";
import { modelsOfRouting } from "@tenner/worker-kit/settings/routing";

/** The models that a request may name: those of the stack's route, then those that settings name. */
export function modelsOfStack(env: Pick<Env, "AI_GATEWAY">, { routing, experiments }: Settings): readonly string[] {
  const route = gatewayOf(env).models.map(({ model }) => model);
  const named = [...modelsOfRouting(routing), ...modelsOfExperiments(experiments)].map(([model]) => model);
  return [...new Set([...route, ...named])];
}
