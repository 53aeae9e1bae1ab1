/** Which pull request. */
export const pullRequestArgument = {
  pr: { type: "string", description: "Number of the pull request", valueHint: "123", required: true },
} as const;

/** Where previews are. */
export const accountArgument = {
  account: {
    type: "string",
    description: "An account of Cloudflare's, reached with CLOUDFLARE_API_TOKEN. @default the local cloud",
    valueHint: "id",
  },
} as const;
