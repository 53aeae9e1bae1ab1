/** The element with an id. */
export const $ = (id) => document.getElementById(id);
