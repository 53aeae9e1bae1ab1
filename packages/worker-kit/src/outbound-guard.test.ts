import { describe, expect, it } from "vitest";
import { checkAddress, ForbiddenAddress, guardedFetch } from "./outbound-guard.ts";

describe("the guard", () => {
  it.each([
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://１２７.0.0.1/",
    "http://127。0。0。1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.1.2.3/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.0.0.1/",
    "http://192.168.1.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:db8::1]/",
    "http://[fc00::1]/",
    "http://[fd12:3456::1]/",
    "http://[fe80::1]/",
    "http://[ff02::1]/",
    "http://localhost/",
    "http://LOCALHOST:8080/",
    "http://localhost./",
    "http://a.localhost/",
    "http://metadata/",
    "http://metadata.google.internal/",
    "http://printer.local/",
    "http://router.home.arpa/",
    "https://user:secret@example.com/",
    "https://user@example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "data:text/plain,x",
    "javascript:alert(1)",
    "//example.com",
    "example.com",
    "http://",
    "",
  ])("refuses %s", (address) => {
    expect(() => checkAddress(address)).toThrow(ForbiddenAddress);
  });

  it.each([
    "https://example.com/hooks?x=1",
    "http://example.com:8080/",
    "https://8.8.8.8/",
    "https://172.32.0.1/",
    "https://100.128.0.1/",
    "https://[2606:4700::1111]/",
    "https://[::ffff:8.8.8.8]/",
    "https://internal.example.com/",
    "https://localhost.example.com/",
  ])("lets %s through", (address) => {
    expect(checkAddress(address).href).toBe(new URL(address).href);
  });

  it("lets a named host of the settings through, by name or with its port", () => {
    const allowedHosts = ["127.0.0.1:9000", "hooks.local"];
    expect(checkAddress("http://127.0.0.1:9000/x", { allowedHosts }).port).toBe("9000");
    expect(checkAddress("http://hooks.local:1234/", { allowedHosts }).port).toBe("1234");
    expect(() => checkAddress("http://127.0.0.1:9001/", { allowedHosts })).toThrow(ForbiddenAddress);
  });
});

describe("guardedFetch", () => {
  const hops = (...answers: Response[]) => {
    const sent: Request[] = [];
    const send = async (request: Request) => {
      sent.push(request);
      return answers.shift() ?? new Response("end");
    };
    return { sent, send };
  };
  const redirect = (location: string, status = 302) => new Response(null, { status, headers: { location } });
  const post = { method: "POST", body: "x" };

  it("follows a redirect by hand and turns it into a GET", async () => {
    const { sent, send } = hops(redirect("/there"));
    const response = await guardedFetch("https://example.com/here", post, { send });
    expect(await response.text()).toBe("end");
    expect(sent.map((request) => [request.method, request.url])).toEqual([
      ["POST", "https://example.com/here"],
      ["GET", "https://example.com/there"],
    ]);
  });

  it("repeats the body for 307 and 308", async () => {
    const { sent, send } = hops(redirect("https://example.org/", 308));
    await guardedFetch("https://example.com/", post, { send });
    expect(await sent[1]?.text()).toBe("x");
  });

  it("hands back a redirect that would change the method, when told so", async () => {
    const { sent, send } = hops(redirect("https://example.org/", 301));
    expect((await guardedFetch("https://example.com/", post, { send, keepMethod: true })).status).toBe(301);
    expect(sent).toHaveLength(1);
  });

  it.each([
    "http://169.254.169.254/",
    "//localhost/",
    "file:///etc/passwd",
    "http://example.com/",
    "https://a:b@example.com/",
  ])("does not follow a redirect to %s", async (location) => {
    const { sent, send } = hops(redirect(location));
    await expect(guardedFetch("https://example.com/", post, { send })).rejects.toThrow(ForbiddenAddress);
    expect(sent).toHaveLength(1);
  });

  it("gives up after too many redirects", async () => {
    const { sent, send } = hops(...Array.from({ length: 9 }, () => redirect("/again")));
    await expect(guardedFetch("https://example.com/", post, { send })).rejects.toThrow("more than 5 redirects");
    expect(sent).toHaveLength(6);
  });
});
