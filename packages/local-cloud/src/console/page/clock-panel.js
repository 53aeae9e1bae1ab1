import { call } from "./connection.js";
import { byId } from "./dom.js";
import { lengthOf } from "./time.js";

/**
 * The buttons that move the clock.
 * @param {(clock: { now: number, offset: number }) => void} moved
 */
export function createClockPanel(moved) {
  const message = byId("clock-message");
  const advance = async (/** @type {string} */ by) => {
    try {
      const clock = await call("/clock", { method: "POST", body: { advance: by } });
      moved(clock);
      byId("advance").value = "";
      message.textContent = `Moved. The cloud is now ${lengthOf(clock.offset)} ahead.`;
      message.className = "hint";
    } catch (error) {
      message.textContent = error instanceof Error && error.message ? error.message : "The cloud does not answer.";
      message.className = "hint bad";
    }
  };
  byId("clock-form").addEventListener("click", (/** @type {Event} */ { target }) => {
    const by = target instanceof HTMLElement ? target.dataset["advance"] : undefined;
    if (by) void advance(by);
  });
  byId("clock-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    void advance(byId("advance").value);
  });
}
