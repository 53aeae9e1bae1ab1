import type { ServerUnaryCall, sendUnaryData, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { LogRequest, SetRootResourceRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import type {
  ReadResourceRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
  SupportsFeatureRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import type { Deployment } from "./deployment.ts";
import type { Severity } from "./events.ts";
import { readGoal } from "./goal.ts";
import {
  Empty,
  engineGrpc,
  engineMessages,
  fromStruct,
  grpc,
  resourceGrpc,
  resourceMessages,
  toStruct,
  unlimitedMessages,
} from "./pulumi-protocol.ts";
import { messageOf } from "./reporter.ts";
import { readStackReference, type StackReferenceReader } from "./stack-reference.ts";
import { CancelledError } from "./step-context.ts";
import { createUrn, type StackName } from "./urn.ts";
import { reveal, revealAll } from "./values.ts";

/** What the program's side of the protocol needs. */
export interface MonitorOptions {
  readonly stack: StackName;
  /** Ends when the state is there: until then the program waits. */
  readonly deployment: Promise<Deployment>;
  readonly readStack: StackReferenceReader;
  readonly onLog: (severity: Severity, message: string, urn: string) => void;
}

/** The two services Pulumi's program runner speaks to. */
export interface Monitor {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** Whether the program said that it has come to its end. */
  readonly finished: () => boolean;
  close(): void;
}

/**
 * Serves `pulumirpc.ResourceMonitor` and `pulumirpc.Engine` on a free loopback port.
 * @see https://github.com/pulumi/pulumi/blob/master/proto/pulumi/resource.proto
 */
export async function serveMonitor(options: MonitorOptions): Promise<Monitor> {
  const server = new grpc.Server(unlimitedMessages);
  let finished = false;
  server.addService(
    resourceGrpc.ResourceMonitorService,
    monitorService(options, () => {
      finished = true;
    }),
  );
  server.addService(engineGrpc.EngineService, engineService(options));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { address: `127.0.0.1:${port}`, finished: () => finished, close: () => server.forceShutdown() };
}

function monitorService(options: MonitorOptions, onFinished: () => void): UntypedServiceImplementation {
  const features = resourceMessages.ResourceMonitorFeature;
  return {
    getDeploymentInfo: unary(() => {
      const response = new resourceMessages.DeploymentInfo();
      response.setSupportedfeaturesList([
        features.RESOURCE_MONITOR_FEATURE_SECRETS,
        features.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
        features.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
      ]);
      return response;
    }),
    supportsFeature: unary((request: SupportsFeatureRequest) => {
      const response = new resourceMessages.SupportsFeatureResponse();
      response.setHassupport(["secrets", "aliasSpecs", "deletedWith"].includes(request.getId()));
      return response;
    }),
    registerResource: unary(async (request: RegisterResourceRequest) => {
      if (request.getRemote()) throw new Error(`component packages are not supported: ${request.getType()}`);
      const deployment = await options.deployment;
      const registered = await deployment.register(readGoal(request));
      const response = new resourceMessages.RegisterResourceResponse();
      response.setUrn(registered.urn);
      response.setId(registered.id);
      response.setObject(toStruct(registered.outputs));
      response.setUnknown(registered.unknown);
      return response;
    }),
    registerResourceOutputs: unary(async (request: RegisterResourceOutputsRequest) => {
      const deployment = await options.deployment;
      deployment.registerOutputs(request.getUrn(), fromStruct(request.getOutputs()));
      return new Empty();
    }),
    readResource: unary((request: ReadResourceRequest) => readResource(options, request)),
    invoke: unary((request: ResourceInvokeRequest) => invoke(options, request)),
    registerPackage: unary(() => {
      throw new Error("parameterized packages are not supported");
    }),
    signalAndWaitForShutdown: unary(() => {
      onFinished();
      return new Empty();
    }),
  };
}

async function readResource(options: MonitorOptions, request: ReadResourceRequest) {
  const deployment = await options.deployment;
  const response = new resourceMessages.ReadResourceResponse();
  const inputs = fromStruct(request.getProperties());
  if (request.getType() === "pulumi:pulumi:StackReference") {
    response.setUrn(createUrn(options.stack, request.getParent(), request.getType(), request.getName()));
    response.setProperties(toStruct(await readStackReference(options.readStack, String(reveal(inputs["name"])))));
    return response;
  }
  const registered = await deployment.read({
    type: request.getType(),
    name: request.getName(),
    id: request.getId(),
    parent: request.getParent(),
    inputs,
    provider: request.getProvider(),
    version: request.getVersion(),
    dependencies: request.getDependenciesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
  });
  response.setUrn(registered.urn);
  response.setProperties(toStruct(registered.outputs));
  response.setUnknown(registered.unknown);
  return response;
}

async function invoke(options: MonitorOptions, request: ResourceInvokeRequest) {
  const deployment = await options.deployment;
  const response = new resourceMessages.ResourceInvokeResponse();
  const token = request.getTok();
  const args = revealAll(fromStruct(request.getArgs()));
  if (token === "pulumi:pulumi:getResource") {
    const state = deployment.context.journal.find(String(args["urn"]));
    if (!state) throw new Error(`there is no resource ${String(args["urn"])} in the stack`);
    response.setReturn(toStruct({ urn: state.urn, id: state.id ?? "", state: state.outputs }));
    return response;
  }
  const reference = deployment.invokeProvider(token, request.getProvider(), request.getVersion());
  response.setReturn(toStruct(await deployment.context.providers.invoke(token, args, reference)));
  return response;
}

function engineService(options: MonitorOptions): UntypedServiceImplementation {
  let root = "";
  return {
    log: unary((request: LogRequest) => {
      const severity = SEVERITIES[request.getSeverity()] ?? "info";
      if (!request.getEphemeral()) options.onLog(severity, request.getMessage(), request.getUrn());
      return new Empty();
    }),
    getRootResource: unary(() => {
      const response = new engineMessages.GetRootResourceResponse();
      response.setUrn(root);
      return response;
    }),
    setRootResource: unary((request: SetRootResourceRequest) => {
      root = request.getUrn();
      return new engineMessages.SetRootResourceResponse();
    }),
    startDebugging: unary(() => new Empty()),
    requirePulumiVersion: unary(() => new engineMessages.RequirePulumiVersionResponse()),
  };
}

/** By number in the protocol. */
const SEVERITIES: readonly Severity[] = ["debug", "info", "warning", "error"];

/** A handler that answers with what a function gives or throws. */
function unary<Request, Response>(handle: (request: Request) => Response | Promise<Response>) {
  return (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>): void => {
    Promise.resolve()
      .then(() => handle(call.request))
      .then(
        (response) => done(null, response),
        (error: unknown) => {
          const code = error instanceof CancelledError ? grpc.status.CANCELLED : grpc.status.UNKNOWN;
          done({ code, details: messageOf(error) });
        },
      );
  };
}
