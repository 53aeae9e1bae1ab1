/** Stands for TanStack Start's handler, which only Vite can build. */
export default {
  fetch: (request: Request) =>
    new Response(`no page in this test: ${request.method} ${new URL(request.url).pathname}`, { status: 501 }),
};
