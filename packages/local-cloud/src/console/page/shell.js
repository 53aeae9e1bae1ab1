import { call, follow, SignedOut } from "./connection.js";
import { byId, counted, make } from "./dom.js";
import { ago, cloudNow, dateTime, hearClock, lengthOf } from "./time.js";

/**
 * What every page of the console has: the header with account, clock and connection, and the cloud's events.
 * @param {{
 *   account(account: any, overview: any): void,
 *   state?(state: { now: number, offset: number, faults: any[] }): void,
 *   activity?(activities: any[]): void,
 *   begin?(): void,
 * }} page `account` is called with the chosen account when it or what exists in it has changed (undefined when there is
 * none); `activity` with what happens anywhere in the cloud; `begin` when another cloud is heard than before.
 */
export function startShell(page) {
  /** What `/_local/overview` said last. @type {any} */
  let overview = { accounts: [], url: location.origin };
  let accountId = new URLSearchParams(location.search).get("account") ?? "";
  const account = () => overview.accounts.find((/** @type {any} */ one) => one.id === accountId);

  const showOverview = (/** @type {any} */ next) => {
    const same = JSON.stringify([next.accounts, next.url]) === JSON.stringify([overview.accounts, overview.url]);
    overview = next;
    showState({ ...next.clock, faults: next.faults });
    if (same) return;
    byId("address").textContent = next.url.replace(/^https?:\/\//, "");
    showAccounts();
  };

  const showAccounts = () => {
    if (!account())
      accountId =
        overview.accounts.find((/** @type {any} */ one) => one.workers.length > 0)?.id ??
        overview.accounts[0]?.id ??
        "";
    const select = byId("account");
    select.replaceChildren(
      ...overview.accounts.map((/** @type {any} */ { id, name, plan }) =>
        make("option", { value: id }, `${name} (${plan} plan)`),
      ),
    );
    select.value = accountId;
    select.disabled = overview.accounts.length < 2;
    showLinks();
    page.account(account(), overview);
  };

  /** The other pages open with the same account. */
  const showLinks = () => {
    const chosen = new URLSearchParams(location.search).get("account");
    for (const link of byId("pages").querySelectorAll("a")) {
      const path = link.getAttribute("href").split("?")[0];
      link.setAttribute("href", chosen ? `${path}?account=${encodeURIComponent(chosen)}` : path);
      if (path === location.pathname) link.setAttribute("aria-current", "page");
    }
  };

  const showState = (/** @type {any} */ state) => {
    showClock(state);
    const badge = byId("fault-badge");
    badge.hidden = state.faults.length === 0;
    badge.textContent = `${counted(state.faults.length, "fault")} on`;
    page.state?.(state);
  };

  /** Asks again what exists. */
  const refresh = gathered(async () => showOverview(await call("/overview")), 150);

  let run = "";
  follow({
    hello(event) {
      if (event.run !== run) page.begin?.();
      run = event.run;
      refresh();
    },
    activity(activities) {
      page.activity?.(activities);
      if (activities.some((item) => item.type === "change" || item.type === "runtime")) refresh();
    },
    state: showState,
    status(state) {
      const element = byId("connection");
      element.dataset.state = state;
      const text = { live: "Live", lost: "Connection lost, trying again", "signed-out": "Signed out" }[state];
      if (element.textContent !== text) element.textContent = text;
      showProblem(state === "signed-out" ? new SignedOut() : undefined);
    },
  });
  refresh();

  byId("account").addEventListener("change", (/** @type {any} */ { target }) => {
    accountId = target.value;
    history.replaceState(null, "", `?account=${encodeURIComponent(accountId)}`);
    showAccounts();
  });
  byId("copy-address").addEventListener("click", async (/** @type {any} */ { target }) => {
    await navigator.clipboard.writeText(overview.url);
    target.textContent = "Copied";
    setTimeout(() => (target.textContent = "Copy"), 1500);
  });
  setInterval(tick, 1000);
  setInterval(() => {
    for (const time of document.querySelectorAll("time[data-ago]"))
      time.textContent = ago(time.getAttribute("datetime") ?? "");
  }, 30_000);
}

/**
 * Keeps what a page shows as new as the cloud: `load` is called every three seconds while somebody looks, and soon after
 * each call of the function that this returns.
 * @param {() => Promise<void>} load
 */
export function keepFresh(load) {
  const refresh = gathered(load, 400);
  setInterval(() => {
    if (!document.hidden) refresh();
  }, 3000);
  return refresh;
}

/** A function that calls `load` once for many calls within `delay` ms. @param {() => Promise<void>} load @param {number} delay */
function gathered(load, delay) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let asked;
  return () => {
    if (asked !== undefined) return;
    asked = setTimeout(() => {
      asked = undefined;
      load().catch((error) => {
        // A cloud that is gone shows in the connection's state, and is asked again when it is back.
        if (!(error instanceof TypeError)) showProblem(error);
      });
    }, delay);
  };
}

/** @param {{ now: number, offset: number }} clock */
export function showClock({ now, offset }) {
  hearClock(now);
  const badge = byId("offset");
  badge.hidden = offset < 1000;
  badge.textContent = `+${lengthOf(offset)}`;
  badge.title = "The cloud's clock was moved";
  tick();
}

function tick() {
  const now = cloudNow();
  const clock = byId("clock");
  clock.textContent = dateTime(now);
  clock.title = new Date(now).toISOString();
  clock.dateTime = clock.title;
}

/** Says in the banner what went wrong; undefined takes it away. @param {unknown} problem */
export function showProblem(problem) {
  const banner = byId("banner");
  banner.hidden = problem === undefined;
  if (problem === undefined) return;
  if (problem instanceof SignedOut) {
    banner.replaceChildren(
      "This session is over. Get a fresh link with ",
      make("code", {}, "npm run tenner -- console"),
    );
  } else {
    banner.replaceChildren(problem instanceof Error ? problem.message : "Something went wrong in this page.");
  }
}
