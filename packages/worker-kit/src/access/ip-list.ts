/** A network: the first `bits` of 128 are the same in each of its addresses. */
interface Network {
  readonly address: bigint;
  readonly bits: number;
}

/** Says of an address whether it is in a list of addresses and networks. */
export type IpList = (address: string) => boolean;

/**
 * Reads a list of IPv4 and IPv6 addresses and networks (`203.0.113.0/24`) once, so that looking is cheap. An IPv4
 * address counts the same when it is written as IPv6 (`::ffff:203.0.113.7`).
 *
 * @throws RangeError with the entry that is none
 */
export function ipList(entries: readonly string[]): IpList {
  const networks = entries.map(readNetwork);
  return (text) => {
    const address = readAddress(text)?.value;
    return address !== undefined && networks.some((network) => isIn(address, network));
  };
}

/** @throws RangeError when a text is neither an address nor a network; a network's address has no bits beyond its length */
function readNetwork(text: string): Network {
  const [address = "", length, ...more] = text.split("/");
  const read = readAddress(address);
  if (!read || more.length > 0)
    throw new RangeError(`"${text}" is neither an IP address nor a network such as 10.0.0.0/8`);
  const most = read.isIpv4 ? 32 : 128;
  if (length !== undefined && (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > most)) {
    throw new RangeError(`"${text}": the length of a network is a number from 0 to ${most}`);
  }
  const network = { address: read.value, bits: 128 - most + (length === undefined ? most : Number(length)) };
  if ((network.address & ((1n << BigInt(128 - network.bits)) - 1n)) !== 0n) {
    throw new RangeError(`"${text}" has bits beyond its length: name the network's first address`);
  }
  return network;
}

function isIn(address: bigint, { address: network, bits }: Network): boolean {
  const rest = BigInt(128 - bits);
  return address >> rest === network >> rest;
}

/** An address as 128 bits, IPv4 in `::ffff:0:0/96`; undefined when it is none. */
function readAddress(text: string): { readonly value: bigint; readonly isIpv4: boolean } | undefined {
  if (!text.includes(":")) {
    const bytes = readIpv4(text);
    return bytes && { value: (0xffffn << 32n) | join(bytes, 8n), isIpv4: true };
  }
  const groups = readIpv6(text);
  return groups && { value: join(groups, 16n), isIpv4: false };
}

/** Four plain decimal numbers: leading zeros mean octal elsewhere, so they are refused. */
function readIpv4(text: string): number[] | undefined {
  const parts = text.split(".");
  const isByte = (part: string) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256;
  return parts.length === 4 && parts.every(isByte) ? parts.map(Number) : undefined;
}

function readIpv6(text: string): number[] | undefined {
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  const front = readGroups(head, tail === undefined);
  const back = tail === undefined ? [] : readGroups(tail, true);
  if (!front || !back) return undefined;
  const missing = 8 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...front, ...Array<number>(missing).fill(0), ...back];
}

/** @param isEnd the last part may then be an IPv4 address */
function readGroups(text: string, isEnd: boolean): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [place, part] of parts.entries()) {
    const [a = 0, b = 0, c = 0, d = 0] = (isEnd && place === parts.length - 1 && readIpv4(part)) || [-1];
    if (a >= 0) groups.push(a * 256 + b, c * 256 + d);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function join(parts: readonly number[], bits: bigint): bigint {
  return parts.reduce((sum, part) => (sum << bits) | BigInt(part), 0n);
}
