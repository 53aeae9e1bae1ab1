import type * as pulumi from "@pulumi/pulumi";
import { type CallCloudflare, DynamicResource, type ProviderTools } from "./dynamic-resource.ts";

export interface R2ContentsArgs {
  readonly accountId: pulumi.Input<string>;
  readonly bucketName: pulumi.Input<string>;
}

/**
 * What lies in a bucket. Making it does nothing; deleting it empties the bucket, because Cloudflare deletes only an
 * empty one. It stands between the bucket and its Worker, so it goes when the Worker cannot write any more.
 */
export class R2Contents extends DynamicResource {
  declare readonly bucketName: pulumi.Output<string>;

  constructor(name: string, args: R2ContentsArgs, options?: pulumi.CustomResourceOptions) {
    super(r2ContentsProvider, "R2Contents", name, { ...args }, options);
  }
}

interface Properties {
  readonly accountId: string;
  readonly bucketName: string;
}

/** Travels as text: see `ProviderFactory`. */
export function r2ContentsProvider({ cloudflareCaller }: ProviderTools): pulumi.dynamic.ResourceProvider {
  let call: CallCloudflare | undefined;

  return {
    async configure({ config }) {
      call = cloudflareCaller(config);
    },

    async diff(_id, olds: Properties, news: Properties) {
      const replaces = (["accountId", "bucketName"] as const).filter((name) => olds[name] !== news[name]);
      return { changes: replaces.length > 0, replaces };
    },

    async create(inputs: Properties) {
      return { id: inputs.bucketName, outs: inputs };
    },

    async delete(_id, { accountId, bucketName }: Properties) {
      const path = `/accounts/${accountId}/r2/buckets/${bucketName}/objects`;
      let before: string | undefined;
      for (;;) {
        const page = ((await call?.("GET", `${path}?per_page=1000`)) ?? []) as { key: string }[]; // what the endpoint answers
        const [first] = page;
        if (!first) return;
        if (first.key === before) throw new Error(`bucket ${bucketName}: the object ${first.key} does not go`);
        before = first.key;
        const waiting = page.map(({ key }) => key);
        const work = async () => {
          for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
            await call?.("DELETE", `${path}/${key.split("/").map(encodeURIComponent).join("/")}`);
          }
        };
        await Promise.all(Array.from({ length: 16 }, work));
      }
    },
  };
}
