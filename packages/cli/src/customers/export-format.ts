/** The README of every export: what is in it, and how to use it without this program. */
export const EXPORT_FORMAT = `# A customer's data

Everything of one customer that its Cloudflare account's API can read, format 1. Nothing here is encrypted, and it holds
what the customer's users have sent: keep it accordingly. The customer went on working while it was written, so each part
is as it was when it was read.

| file | holds |
|---|---|
| \`manifest.json\` | whose it is, when it was written, how many of each, and size and SHA-256 of each file but this page and itself |
| \`settings.json\` | the stack's settings with all defaults; no secrets |
| \`d1/<database>.sql\` | a database as SQL: \`sqlite3 new.db < file.sql\`, or \`wrangler d1 execute <name> --file file.sql\` without its lines BEGIN and COMMIT. \`…-ledger.sql\` is the ledger: every call of a model with what it has cost, in billionths of a US dollar |
| \`r2/<bucket>/index.jsonl\` | an object a line, with its \`key\`, size, times and metadata as the API gives them; \`file\` is the name beside it with the bytes |
| \`kv/<namespace>.jsonl\` | a pair a line: \`key\`, \`value_base64\`, and where there are any \`metadata\` and \`expiration\` (seconds since 1970) |
| \`vectorize/<index>.jsonl\` | a vector a line: \`id\`, \`values\`, \`namespace\`, \`metadata\` |
| \`ai-gateway/<gateway>.jsonl\` | a line for each logged call of a model: time, model, tokens, cost. Texts of requests and answers are not here |

Not in here, because no API reads it without changing it: messages that wait in queues (\`messages_not_exported\` in
\`manifest.json\` says how many), the storage of Durable Objects (what lasts is copied to D1 by the templates), data points
of Analytics Engine. Secrets, API keys among them, are left out on purpose; D1 holds their hashes.
`;
