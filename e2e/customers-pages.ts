import { call, type Door, found, must, type Tried } from "./customers-doors.ts";

/** What a browser has made at a valuation app. */
export interface PlantedPages {
  readonly app: Door;
  /** Of a visitor who has had something appraised: name and value. */
  readonly cookie: string;
  /** Of that valuation. */
  readonly id: string;
  /** Whether a model was asked about what everybody describes in the same words: `asked`, `joined` or `kept`. */
  readonly same: string;
}

const EVERYBODYS = { description: "A plain oak chair, as everybody has one", category: "furniture" };
/** In a page that knows its owner, and in no other. */
const OWNERS_BUTTON = 'name="delete"';

/** Has something appraised as a visitor, and what everybody has by the key. */
export async function plantPages(app: Door, word: string): Promise<PlantedPages> {
  const { cookie, id } = await appraise(app, `A lamp of ${word}`);
  const history = await historyOf(app, cookie);
  must("a visitor's own history", history.includes(word) && history.includes(id), true);
  must("an owner's own page", (await pageOf(app, id, cookie)).text.includes(OWNERS_BUTTON), true);
  const { text } = await call(app, "POST", "/v1/valuations", EVERYBODYS);
  const { cache } = JSON.parse(text) as { cache: string }; // the template's own JSON
  return { app, cookie, id, same: cache };
}

/** Tries what a cookie opens: another's history, another's page as its owner, and what an owner may do there. */
export async function tryPages(from: PlantedPages, to: PlantedPages, toWord: string, tried: Tried): Promise<void> {
  const { app } = to;
  const renamed = `${to.cookie.split("=")[0]}=${from.cookie.split("=").slice(1).join("=")}`;
  for (const [how, cookie] of [
    ["another's cookie", from.cookie],
    ["another's cookie under this one's name", renamed],
  ] as const) {
    const history = await historyOf(app, cookie);
    const listed = history.includes(toWord) || history.includes(from.id);
    tried(`valuation-app: ${how}, for the history`, listed ? "a valuation is listed" : undefined);
    const { text } = await pageOf(app, to.id, cookie);
    const own = text.includes(OWNERS_BUTTON);
    tried(`valuation-app: ${how}, on the page that its owner shared`, own ? "an owner's button" : undefined);
    await postForm(app, `/v/${to.id}`, { delete: "yes" }, cookie);
    const kept = (await historyOf(app, to.cookie)).includes(to.id);
    tried(`valuation-app: ${how}, to delete`, kept ? undefined : "it is deleted");
    await postForm(app, `/v/${to.id}`, { follow: "yes" }, cookie);
    const course = await call(app, "GET", `/v1/valuations/${to.id}/prices`);
    const followed = !course.text.includes('"followed":false');
    tried(`valuation-app: ${how}, to follow its price`, followed ? course.text : undefined);
  }
  const stranger = { ...app, apiKey: from.app.apiKey };
  const removed = await call(stranger, "DELETE", `/v1/valuations/${to.id}`);
  tried("valuation-app: a key of another, to delete", found(removed, toWord));
  tried("valuation-app: another's id in one's own stack", found(await pageOf(from.app, to.id, from.cookie), toWord));
  const read = await call(from.app, "GET", `/v1/valuations/${to.id}`);
  tried("valuation-app: another's id in one's own API", found(read, toWord));
  tried("valuation-app: what everybody describes in the same words", from.same === "asked" ? undefined : from.same);
}

/** Sends the form as a browser without a script does. @throws when it is not valued */
export async function appraise(app: Door, description: string, cookie = ""): Promise<{ cookie: string; id: string }> {
  const response = await postForm(app, "/", { description, category: "furniture" }, cookie);
  const id = /\/v\/(\w+)$/.exec(response.headers.get("location") ?? "")?.[1];
  if (id === undefined) throw new Error(`the form is answered with ${response.status}`);
  return { cookie: cookiesOf(response), id };
}

/** A form's answer, whose page was read to its end. */
export async function postForm({ url }: Door, where: string, fields: Record<string, string>, cookie = "") {
  const body = new URLSearchParams(fields);
  const response = await fetch(url + where, { method: "POST", body, redirect: "manual", headers: { cookie } });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

/** What a browser would send next time. */
export function cookiesOf({ headers }: { readonly headers: Headers }): string {
  return headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");
}

/** The page of one's own valuations. */
export async function historyOf({ url }: Door, cookie: string): Promise<string> {
  return (await fetch(`${url}/history`, { headers: { cookie } })).text();
}

async function pageOf({ url }: Door, id: string, cookie: string) {
  const response = await fetch(`${url}/v/${id}`, { headers: { cookie } });
  return { status: response.status, text: await response.text() };
}
