import type { CloudAccess } from "@tenner/cli/testing";
import { askDatabase } from "./customers-accounts.ts";
import {
  ask,
  type CrossedCustomer,
  call,
  type Door,
  found,
  must,
  type Read,
  type Tried,
  told,
} from "./customers-doors.ts";
import { readdressed, signToken, type TestIssuers, tokenByPublicKey, unsignedToken } from "./customers-issuers.ts";
import { appraise, cookiesOf, historyOf, postForm } from "./customers-pages.ts";

/** A customer whose members have put something into its stack, which nobody else may see. */
export interface PlantedMembers {
  /** Good ones, by who has signed them. */
  readonly tokens: Readonly<Record<"own" | "shared", string>>;
  /** What a browser keeps of a member; undefined without the valuation app. */
  readonly cookieName: string | undefined;
}

interface Customer extends CrossedCustomer {
  readonly word: string;
}
interface WithMembers extends Customer {
  readonly members: PlantedMembers;
}

/** Templates that take tokens of issuers. */
const TAKERS = ["edge-cache", "valuation-app"];

/** Whether a customer can have members at all. */
export function canHaveMembers({ templates }: CrossedCustomer): boolean {
  return TAKERS.some((name) => templates[name] !== undefined);
}

/**
 * A question and things of members, by tokens of the customer's own issuer and of the one that all share. All members
 * everywhere have the same subject and tenant.
 */
export async function plantMembers(
  cloud: CloudAccess,
  customer: Customer,
  issuers: TestIssuers,
): Promise<PlantedMembers> {
  const { name, word, templates, accountId } = customer;
  const [own, shared] = [issuers.of(name), issuers.shared].map((issuer) =>
    signToken(issuer, { iss: issuer.iss, aud: name }),
  );
  if (own === undefined || shared === undefined) throw new Error("there are two issuers");
  const [cache, app] = [templates["edge-cache"], templates["valuation-app"]];
  if (cache) {
    must(`${name}: a member's question`, await ask({ ...cache, apiKey: own }, questionOf(word)), "miss");
    must(`${name}: the same again`, await keptAnswer(cache, shared, word), "hit-exact");
  }
  let cookieName: string | undefined;
  for (const token of app ? [own, shared] : []) {
    if (app) cookieName = await plantThing(app, token, word);
  }
  if (app) {
    const rows = await askDatabase(cloud, accountId, "valuation-app", MEMBERS_ROWS);
    must(`${name}: owners that are members`, rows[0]?.["owners"], 2);
  }
  return { tokens: { own, shared }, cookieName };
}

const MEMBERS_ROWS = "SELECT count(DISTINCT owner) AS owners FROM valuations WHERE auth_status = 'member'";

/** Answers the name of a member's cookie. */
async function plantThing(app: Door, token: string, word: string): Promise<string> {
  const member = { ...app, apiKey: token };
  const thing = { description: `Lamp ${word} of a member`, category: "furniture" };
  must("a member's thing", (await call(member, "POST", "/v1/valuations", thing)).status, 201);
  must("a member's list", (await call(member, "GET", "/v1/valuations")).text.includes(word), true);
  const cookie = cookiesOf(await postForm(app, "/sign-in", { token }))
    .split("; ")
    .find((one) => one.startsWith("member_"));
  if (cookie === undefined) throw new Error("a member cannot sign in");
  must("a member's history", (await historyOf(app, cookie)).includes(word), true);
  return cookie.split("=")[0] ?? "";
}

/** Every token by which one customer's member could try to be the other's. */
function tokensOf(from: Customer, to: Customer, issuers: TestIssuers): Record<string, string> {
  const [own, theirs, { shared }] = [issuers.of(from.name), issuers.of(to.name), issuers];
  const theirClaims = { iss: theirs.iss, aud: to.name };
  const sharedClaims = { iss: shared.iss, aud: to.name };
  const sharedToken = signToken(shared, { iss: shared.iss, aud: from.name });
  return {
    "of another's issuer": signToken(own, { iss: own.iss, aud: from.name }),
    "of another's issuer for this audience": signToken(own, { iss: own.iss, aud: to.name }),
    "of this issuer for another's audience": signToken(theirs, { iss: theirs.iss, aud: from.name }),
    "of the shared issuer for another's audience": sharedToken,
    "of the shared issuer with its audience changed": readdressed(sharedToken, to.name),
    "with this issuer's name by another's key": signToken(own, theirClaims),
    "with this issuer's name and kid by another's key": signToken(own, theirClaims, { kid: theirs.kid }),
    "with the shared issuer's name and kid by another's key": signToken(own, sharedClaims, { kid: shared.kid }),
    "that brings its key along": signToken(own, theirClaims, { jwk: own.publicKey, jku: own.jwksUrl }),
    "that needs no signature": unsignedToken(theirClaims),
    "with the public key for a secret": tokenByPublicKey(theirs, theirClaims),
  };
}

/** Tries to come in by tokens: at every API of the other's, and at the valuation app as a browser does. */
export async function tryTokens(
  cloud: CloudAccess,
  from: WithMembers,
  to: WithMembers,
  issuers: TestIssuers,
  tried: Tried,
): Promise<void> {
  const [cache, app] = [to.templates["edge-cache"], to.templates["valuation-app"]];
  for (const [which, token] of Object.entries(tokensOf(from, to, issuers))) {
    for (const [template, door] of Object.entries(to.templates)) {
      const usage = await call({ ...door, apiKey: token }, "GET", "/v1/usage");
      tried(`${template}: a token ${which}`, takenAs(usage));
    }
    if (cache) {
      const answer = await keptAnswer(cache, token, to.word);
      tried(`edge-cache: a member's question by a token ${which}`, answer === "HTTP 401" ? undefined : answer);
    }
    if (app) await tryToken(app, to, `a token ${which}`, token, tried);
  }
  if (app) await tryVisitor(cloud, app, { from, to }, tried);
  await tryRevoking(cloud, { from, to }, issuers, tried);
  await trySameSubject(from, to, tried);
}

async function tryToken(app: Door, to: WithMembers, which: string, token: string, tried: Tried): Promise<void> {
  const list = await call({ ...app, apiKey: token }, "GET", "/v1/valuations");
  tried(`valuation-app: a member's list by ${which}`, takenAs(list));
  const signIn = await postForm(app, "/sign-in", { token });
  must(`signing in by ${which} is judged`, /That were many|cannot be found out/.exec(signIn.text)?.[0], undefined);
  const kept = cookiesOf(signIn).includes("member_") ? "a member's cookie" : found(signIn, to.word);
  tried(`valuation-app: signing in by ${which}`, kept);
  const history = await fetch(`${app.url}/history`, { headers: { cookie: `${to.members.cookieName}=${token}` } });
  const ended = history.headers.getSetCookie().some((one) => one.includes("Max-Age=0"));
  const shown = told({ status: history.status, text: await history.text() }, to.word);
  tried(`valuation-app: ${which} as a member's cookie`, ended ? shown : "it was not ended");
}

/** As what a token was taken; undefined when it was refused for what it is, not because nobody could tell. */
function takenAs({ status }: Read): string | undefined {
  return status === 401 ? undefined : `HTTP ${status}`;
}

/** What somebody with another's token has appraised is a visitor's. */
async function tryVisitor(
  cloud: CloudAccess,
  app: Door,
  { from, to }: { readonly from: WithMembers; readonly to: WithMembers },
  tried: Tried,
): Promise<void> {
  const cookie = `${to.members.cookieName}=${from.members.tokens.shared}`;
  const { id } = await appraise(app, "A lamp of nobody's", cookie);
  const sql = "SELECT auth_status FROM valuations WHERE id = ?1";
  const [row] = await askDatabase(cloud, to.accountId, "valuation-app", sql, [id]);
  const status = row?.["auth_status"];
  tried("valuation-app: appraised by another's member", status === "visitor" ? undefined : String(status));
}

/** Who ends a token by its name in the own stack ends it there only. */
async function tryRevoking(
  cloud: CloudAccess,
  { from, to }: { readonly from: Customer; readonly to: WithMembers },
  issuers: TestIssuers,
  tried: Tried,
): Promise<void> {
  for (const template of TAKERS) {
    const [own, theirs] = [from.templates[template], to.templates[template]];
    if (!own || !theirs) continue;
    const { shared } = to.members.tokens;
    const token = await call({ ...theirs, apiKey: own.apiKey }, "POST", "/v1/tokens/revoke", { token: shared });
    tried(`${template}: another's token revoked by a key of one's own`, found(token, to.word));
    const { jti } = JSON.parse(Buffer.from(shared.split(".")[1] ?? "", "base64url").toString()) as { jti: string };
    const named = { jti, issuer: issuers.shared.iss, tenant: "members" };
    must("revoking in one's own stack", (await call(own, "POST", "/v1/tokens/revoke", named)).status, 200);
    const sql = "SELECT count(*) AS count FROM revoked_tokens WHERE name = ?1";
    const [row] = await askDatabase(cloud, to.accountId, template, sql, [jti]);
    tried(
      `${template}: another's token revoked in one's own stack`,
      row?.["count"] === 0 ? undefined : "it is revoked",
    );
  }
}

/** The shared issuer says of two people at two customers that they are `ada` of `members`: each sees the own things only. */
async function trySameSubject(from: WithMembers, to: Customer, tried: Tried): Promise<void> {
  const { shared } = from.members.tokens;
  const [cache, app] = [from.templates["edge-cache"], from.templates["valuation-app"]];
  if (cache) {
    const answer = await keptAnswer(cache, shared, to.word);
    tried("edge-cache: the same subject's question at another", answer === "none" ? undefined : answer);
  }
  if (app) {
    const list = await call({ ...app, apiKey: shared }, "GET", "/v1/valuations?search=lamp");
    must("the own list of the same subject", list.status, 200);
    tried("valuation-app: the same subject's things at another", told(list, to.word));
  }
}

function questionOf(word: string): string {
  return `Which shelf holds the ${word} lamp of the members?`;
}

function keptAnswer(cache: Door, token: string, word: string): Promise<string> {
  return ask({ ...cache, apiKey: token }, questionOf(word), "only-if-cached");
}
