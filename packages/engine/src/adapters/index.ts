import type { InvokeAdapter, ResourceAdapter } from "../adapter.ts";
import { aiGateway } from "./ai-gateway.ts";
import { aiGatewayDynamicRouting } from "./ai-gateway-dynamic-routing.ts";
import { d1Database } from "./d1-database.ts";
import { getAccount } from "./get-account.ts";
import { queue } from "./queue.ts";
import { queueConsumer } from "./queue-consumer.ts";
import { r2Bucket } from "./r2-bucket.ts";
import { worker } from "./worker.ts";
import { workerVersion } from "./worker-version.ts";
import { workersCronTrigger } from "./workers-cron-trigger.ts";
import { workersCustomDomain } from "./workers-custom-domain.ts";
import { workersDeployment } from "./workers-deployment.ts";
import { workersKvNamespace } from "./workers-kv-namespace.ts";
import { workersScript } from "./workers-script.ts";
import { workersScriptSubdomain } from "./workers-script-subdomain.ts";

/** Every resource type the engine can deploy, by Pulumi's type token. */
export const adapters: Readonly<Record<string, ResourceAdapter>> = {
  "cloudflare:index/aiGateway:AiGateway": aiGateway,
  "cloudflare:index/aiGatewayDynamicRouting:AiGatewayDynamicRouting": aiGatewayDynamicRouting,
  "cloudflare:index/d1Database:D1Database": d1Database,
  "cloudflare:index/queue:Queue": queue,
  "cloudflare:index/queueConsumer:QueueConsumer": queueConsumer,
  "cloudflare:index/r2Bucket:R2Bucket": r2Bucket,
  "cloudflare:index/worker:Worker": worker,
  "cloudflare:index/workerVersion:WorkerVersion": workerVersion,
  "cloudflare:index/workersCronTrigger:WorkersCronTrigger": workersCronTrigger,
  "cloudflare:index/workersCustomDomain:WorkersCustomDomain": workersCustomDomain,
  "cloudflare:index/workersDeployment:WorkersDeployment": workersDeployment,
  "cloudflare:index/workersKvNamespace:WorkersKvNamespace": workersKvNamespace,
  "cloudflare:index/workersScript:WorkersScript": workersScript,
  "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain": workersScriptSubdomain,
};

/** Every function of the provider the engine can call, by Pulumi's token. */
export const invokes: Readonly<Record<string, InvokeAdapter>> = {
  "cloudflare:index/getAccount:getAccount": getAccount,
};
