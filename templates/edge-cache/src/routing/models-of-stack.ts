import { GatewaySettings, type Settings } from "@tenner/worker-kit/settings";
import { modelsOfExperiments } from "@tenner/worker-kit/settings/experiments";
import { modelsOfRouting } from "@tenner/worker-kit/settings/routing";

/** The models that a request may name: those of the stack's route, then those that settings name. */
export function modelsOfStack(env: Pick<Env, "AI_GATEWAY">, { routing, experiments }: Settings): readonly string[] {
  const route = GatewaySettings.parse(env.AI_GATEWAY).models.map(({ model }) => model);
  const named = [...modelsOfRouting(routing), ...modelsOfExperiments(experiments)].map(([model]) => model);
  return [...new Set([...route, ...named])];
}
