import { describe, expect, it } from "vitest";
import { ipList } from "./ip-list.ts";

describe("a list of addresses", () => {
  const list = ipList(["203.0.113.7", "10.0.0.0/8", "198.51.100.128/25", "2001:db8::/32", "2606:4700::1111"]);

  it.each([
    "203.0.113.7",
    "10.0.0.0",
    "10.255.255.255",
    "198.51.100.128",
    "2001:db8::1",
    "2001:DB8:ffff:ffff:ffff:ffff:ffff:ffff",
    "2606:4700:0:0:0:0:0:1111",
    "2606:4700::1111",
    "::ffff:203.0.113.7",
    "::ffff:a01:203",
    "0:0:0:0:0:ffff:10.1.2.3",
  ])("has %s", (address) => {
    expect(list(address)).toBe(true);
  });

  it.each([
    "203.0.113.8",
    "11.0.0.0",
    "9.255.255.255",
    "198.51.100.127",
    "2001:db9::1",
    "2606:4700::1112",
    "::203.0.113.7",
    "",
    "unknown",
    "203.0.113.7, 10.0.0.1",
    "203.0.113.7:443",
    "010.0.0.1",
    "10.0.0",
    "10.0.0.256",
    "[2001:db8::1]",
    "2001:db8::1%eth0",
    "2001:db8:::1",
    "2001:db8::1::2",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7",
    "10.0.0.1::",
    "::10.0.0.1:5",
  ])("does not have %j", (address) => {
    expect(list(address)).toBe(false);
  });

  it("of all addresses has each of its kind", () => {
    expect(ipList(["0.0.0.0/0"])("8.8.8.8")).toBe(true);
    expect(ipList(["0.0.0.0/0"])("2001:db8::1")).toBe(false);
    expect(ipList(["::/0"])("2001:db8::1")).toBe(true);
  });

  it.each([
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/-1",
    "10.0.0.0/08",
    "example.com",
    "",
    "::/129",
    "10.0.0.1/8",
  ])("is not made of %j", (entry) => {
    expect(() => ipList([entry])).toThrow(RangeError);
  });
});
