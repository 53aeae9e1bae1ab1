/** The page's element of an id. */
export const $ = (id) => document.getElementById(id);
