import type * as pulumi from "@pulumi/pulumi";
import { type CallCloudflare, DynamicResource, type ProviderTools } from "./dynamic-resource.ts";

export interface QueueContentsArgs {
  readonly accountId: pulumi.Input<string>;
  /** The queue's id: 32 hexadecimal digits. */
  readonly queueId: pulumi.Input<string>;
  readonly queueName: pulumi.Input<string>;
}

/**
 * What waits in a queue. Making it does nothing; deleting it says how many messages go with the queue, because Cloudflare
 * deletes one with messages without a word. It stands between the queue and its Workers, so it counts when none of them
 * sends or takes any more.
 */
export class QueueContents extends DynamicResource {
  declare readonly queueId: pulumi.Output<string>;
  declare readonly queueName: pulumi.Output<string>;

  constructor(name: string, args: QueueContentsArgs, options?: pulumi.CustomResourceOptions) {
    super(queueContentsProvider, "QueueContents", name, { ...args }, options);
  }
}

interface Properties {
  readonly accountId: string;
  readonly queueId: string;
  readonly queueName: string;
}

/** Travels as text: see `ProviderFactory`. */
export function queueContentsProvider({ cloudflareCaller }: ProviderTools): pulumi.dynamic.ResourceProvider {
  let call: CallCloudflare | undefined;

  return {
    async configure({ config }) {
      call = cloudflareCaller(config);
    },

    async diff(_id, olds: Properties, news: Properties) {
      const replaces = (["accountId", "queueId"] as const).filter((name) => olds[name] !== news[name]);
      return { changes: replaces.length > 0 || olds.queueName !== news.queueName, replaces };
    },

    async create(inputs: Properties) {
      return { id: inputs.queueId, outs: inputs };
    },

    async update(_id, _olds, news: Properties) {
      return { outs: news };
    },

    async delete(_id, { accountId, queueId, queueName }: Properties) {
      try {
        const metrics = await call?.("GET", `/accounts/${accountId}/queues/${queueId}/metrics`);
        if (metrics === undefined) return; // the queue is gone
        const { backlog_count: count } = metrics as { backlog_count?: number }; // what the endpoint answers
        if (typeof count !== "number") throw new Error("the API does not say");
        if (count > 0) {
          console.warn(`queue ${queueName}: is deleted with ${count} ${count === 1 ? "message" : "messages"} in it`);
        }
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        console.warn(`queue ${queueName}: is deleted; how many messages are lost with it is not known (${reason})`);
      }
    },
  };
}
