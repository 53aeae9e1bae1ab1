import { DurableObject } from "cloudflare:workers";

/** One question that is being asked right now: who asks it as well waits here for the same answer. */
export class Flight extends DurableObject<Env> {}
