/** Says whether a Host header names this machine, with any port. A web page of another name is kept out by it. */
export function isLoopbackHost(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i.test(host ?? "");
}
