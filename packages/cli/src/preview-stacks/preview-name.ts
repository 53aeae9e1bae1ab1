import { UserError } from "../user-error.ts";

/** Pull requests are numbered from 1. Nine digits leave a name short enough never to be cut. */
const NUMBER = /^[1-9]\d{0,8}$/;

/** @throws UserError when it is no number of a pull request */
export function parsePullRequest(text: string | undefined): number {
  if (text !== undefined && NUMBER.test(text)) return Number(text);
  throw new UserError(`--pr ${text ?? ""}: is the number of a pull request, such as --pr 123`);
}

/** Numbers with commas between them; an empty text is none. @throws UserError as above */
export function parsePullRequests(text: string): number[] {
  const words = text.split(/[\s,]+/).filter(Boolean);
  const wrong = words.find((word) => !NUMBER.test(word));
  if (wrong !== undefined) throw new UserError(`--open: ${wrong} is no number of a pull request`);
  return words.map(Number);
}

/** The stack of a pull request. It is made of the number alone, so it can be no other stack's name. */
export function previewStack(pullRequest: number): string {
  return `pr-${pullRequest}`;
}

/** The pull request of a preview's stack, undefined of any other stack. */
export function pullRequestOfStack(stack: string): number | undefined {
  return numberIn(/^pr-(\d+)$/.exec(stack));
}

/** The pull request whose preview has made a resource, by the resource's name; undefined when none has. */
export function pullRequestOfResource(name: string): number | undefined {
  return numberIn(/^tenner-pr-(\d+)-/.exec(name));
}

function numberIn(match: RegExpExecArray | null): number | undefined {
  const digits = match?.[1];
  return digits !== undefined && NUMBER.test(digits) ? Number(digits) : undefined;
}
