import { type Finding, itemsOf, membersOf, ofType, type PolicyRule, TYPES, titleOf } from "./rule.ts";

const REMEDY = "name the origins one by one, such as https://shop.example.com";
const OPEN_HEADER = /^\s*access-control-allow-origin\s*:\s*\*/im;

/** In production no page of just any origin may call a Worker or read a bucket from its visitors' browsers. */
export const noWildcardOrigin: PolicyRule = {
  name: "no-wildcard-origin",
  find(resources, { kind, settings }) {
    if (kind !== "production") return [];
    const why = (origin: string) => `allows ${origin}: any page could call the Workers from its visitors' browsers`;
    const named = settings.allowedOrigins.flatMap((origin, position): Finding[] =>
      origin.includes("*")
        ? [{ where: `tenner:settings.allowedOrigins[${position}]`, why: why(origin), remedy: REMEDY }]
        : [],
    );
    const buckets = ofType(resources, TYPES.bucketCors).flatMap((cors): Finding[] => {
      const origins = itemsOf(cors.properties["rules"]).flatMap((rule) => membersOf(rule["allowed"])["origins"]);
      return origins.some((origin) => typeof origin === "string" && origin.includes("*"))
        ? [{ where: titleOf(cors), why: "lets pages of any origin read the bucket", remedy: REMEDY }]
        : [];
    });
    const pages = ofType(resources, TYPES.script).flatMap((script): Finding[] => {
      const headers = membersOf(membersOf(script.properties["assets"])["config"])["headers"];
      return typeof headers === "string" && OPEN_HEADER.test(headers)
        ? [{ where: titleOf(script), why: "its _headers let pages of any origin read its files", remedy: REMEDY }]
        : [];
    });
    return [...named, ...buckets, ...pages];
  },
};
