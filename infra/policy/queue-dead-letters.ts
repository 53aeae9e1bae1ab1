import { deadLettersOf } from "../components/dead-letters-of.ts";
import { type Finding, ofType, type PolicyRule, TYPES, titleOf } from "./rule.ts";

const REMEDY = "make the queue with components/queue-with-dlq.ts, and its consumer with consumedBy";

/** Every queue has a queue of its dead letters, and every consumer hands what it gives up on to that. */
export const queueDeadLetters: PolicyRule = {
  name: "queue-dead-letters",
  find(resources) {
    const queues = ofType(resources, TYPES.queue);
    const names = new Set(queues.map(({ name }) => name));
    const holdsDeadLetters = (name: string) => [...names].some((other) => deadLettersOf(other) === name);
    const alone = queues.filter(({ name }) => !names.has(deadLettersOf(name)) && !holdsDeadLetters(name));
    const careless = ofType(resources, TYPES.queueConsumer).filter(
      ({ name, properties }) => properties["deadLetterQueue"] === undefined && !holdsDeadLetters(name),
    );
    return [
      ...alone.map((queue): Finding => {
        const why = "has no dead-letter queue: a message that fails too often would be gone without a word";
        return { where: titleOf(queue), why, remedy: REMEDY };
      }),
      ...careless.map((consumer): Finding => {
        const why = "names no dead-letter queue: what it gives up on is deleted";
        return { where: titleOf(consumer), why, remedy: REMEDY };
      }),
    ];
  },
};
