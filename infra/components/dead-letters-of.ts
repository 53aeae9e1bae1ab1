/** What wrangler.jsonc calls the queue of a queue's dead letters. */
export function deadLettersOf(queue: string): string {
  return `${queue}-dead`;
}
