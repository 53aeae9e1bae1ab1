import { byId } from "./dom.js";

/**
 * Asks before something that cannot be taken back. The page has the dialog `#confirm`.
 * @param {{ question: string, consequence: string, verb: string }} words `verb` stands on the button that does it
 * @returns {Promise<boolean>}
 */
export function confirmed({ question, consequence, verb }) {
  const dialog = byId("confirm");
  byId("confirm-question").textContent = question;
  byId("confirm-consequence").textContent = consequence;
  byId("confirm-yes").textContent = verb;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    // Escape closes a dialog too, and means no.
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    byId("confirm-yes").onclick = () => dialog.close("yes");
    byId("confirm-no").onclick = () => dialog.close("no");
  });
}
