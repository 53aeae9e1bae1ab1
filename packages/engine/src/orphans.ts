import { messageOf } from "./reporter.ts";
import { type StepContext, withTimeLimit } from "./step-context.ts";
import { revealAll, type Values } from "./values.ts";

/**
 * Ends what is left of interrupted creates that nothing wants any more: what they made is looked up and deleted, unless the
 * state has it.
 */
export async function removeOrphans(context: StepContext): Promise<void> {
  const { journal, providers, reporter } = context;
  if (context.preview) return;
  const left = journal.pending.filter(
    (operation) => operation.type === "creating" && context.interrupted.includes(operation),
  );
  for (const operation of left) {
    const { urn, type, inputs, provider: reference, customTimeouts } = operation.resource;
    const provider = providers.resource(type, urn, reference);
    // The CLI makes it anew and keeps the operation until a refresh.
    const made = journal.find(urn);
    if (!provider.find) {
      if (!made) {
        reporter.diagnostic(
          "warning",
          "an earlier run was interrupted while it made this resource; look whether it exists",
          urn,
        );
      }
      journal.end(operation);
      continue;
    }
    try {
      const look = (sent: Values) =>
        withTimeLimit("read", customTimeouts, async (signal) => provider.find?.(revealAll(sent), signal));
      const found = await look(inputs);
      // The real provider's ids are not always the API's: that of every queue consumer is "missing ID".
      const owned =
        found &&
        (journal.resources.some((state) => state.type === type && state.id === found.id) ||
          (made && (await look(made.inputs))?.id === found.id));
      if (found && !owned) {
        await withTimeLimit("delete", customTimeouts, (signal) => provider.delete(found.id, found.outputs, signal));
        reporter.notice(`${urn}: deleted what an interrupted run had made (${found.id})`);
      }
      journal.end(operation);
    } catch (error) {
      reporter.diagnostic("error", `could not look for what an interrupted run had made: ${messageOf(error)}`, urn);
    }
  }
  // Whatever else was interrupted has been done again by now.
  journal.end(
    ...journal.pending.filter((operation) => context.interrupted.includes(operation) && operation.type !== "creating"),
  );
  await journal.saveIfChanged();
}
