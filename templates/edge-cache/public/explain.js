/** Shows why an answer came from where it did. */
export async function explain() {}
