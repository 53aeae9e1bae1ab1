import type { ServiceError } from "@grpc/grpc-js";
import type {
  CheckResponse,
  CreateResponse,
  DiffResponse,
  ReadResponse,
  UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb.js";
import { same } from "../values.ts";
import type { DynamicProcess, DynamicProvider } from "./dynamic-process.ts";
import { ResourceInitError, type ResourceProvider } from "./provider.ts";

/** A resource type whose provider is code of the program, run in Pulumi's own process for it. */
export function dynamicResource(process: DynamicProcess, urn: string): ResourceProvider {
  return {
    secretInputs: [],
    mergesInputs: false,
    // Where nothing differs nothing has to be asked: the process is not started for an update without changes.
    check: async (olds, news) => {
      if (same(olds, news)) return { inputs: news, failures: [] };
      const provider = await process.open();
      const { providerMessages, toStruct, fromStruct } = provider.protocol;
      const request = new providerMessages.CheckRequest();
      request.setUrn(urn);
      request.setOlds(toStruct(olds));
      request.setNews(toStruct(news));
      const response = await call<CheckResponse>(provider, (done) => provider.client.check(request, done));
      const failures = response.getFailuresList().map((failure) => ({
        property: failure.getProperty(),
        reason: failure.getReason(),
      }));
      return { inputs: fromStruct(response.getInputs()), failures };
    },
    diff: async (old, news) => {
      if (same(old.inputs, news)) return { changed: false, replace: [], deleteBeforeReplace: false };
      const provider = await process.open();
      const { providerMessages, toStruct } = provider.protocol;
      const request = new providerMessages.DiffRequest();
      request.setId(old.id);
      request.setUrn(urn);
      request.setOlds(toStruct(old.outputs));
      request.setOldInputs(toStruct(old.inputs));
      request.setNews(toStruct(news));
      const response = await call<DiffResponse>(provider, (done) => provider.client.diff(request, done));
      const { DIFF_SOME, DIFF_UNKNOWN } = providerMessages.DiffResponse.DiffChanges;
      const replace = response.getReplacesList();
      const answer = response.getChanges();
      return {
        changed: answer === DIFF_SOME || answer === DIFF_UNKNOWN || replace.length > 0,
        replace,
        deleteBeforeReplace: response.getDeletebeforereplace(),
      };
    },
    // What is missing the SDK takes for unknown, as with the CLI.
    previewCreate: (inputs) => inputs,
    previewUpdate: (_old, inputs) => inputs,
    create: async (inputs, signal) => {
      const provider = await process.open();
      const { providerMessages, toStruct, fromStruct } = provider.protocol;
      const request = new providerMessages.CreateRequest();
      request.setUrn(urn);
      request.setProperties(toStruct(inputs));
      const response = await call<CreateResponse>(provider, (done) => provider.client.create(request, done), signal);
      return { id: response.getId(), outputs: fromStruct(response.getProperties()) };
    },
    update: async (old, inputs, signal) => {
      const provider = await process.open();
      const { providerMessages, toStruct, fromStruct } = provider.protocol;
      const request = new providerMessages.UpdateRequest();
      request.setId(old.id);
      request.setUrn(urn);
      request.setOlds(toStruct(old.outputs));
      request.setOldInputs(toStruct(old.inputs));
      request.setNews(toStruct(inputs));
      const response = await call<UpdateResponse>(provider, (done) => provider.client.update(request, done), signal);
      return { outputs: fromStruct(response.getProperties()) };
    },
    read: async (id, olds, signal) => {
      const provider = await process.open();
      const { providerMessages, toStruct, fromStruct } = provider.protocol;
      const request = new providerMessages.ReadRequest();
      request.setId(id);
      request.setUrn(urn);
      request.setProperties(toStruct(olds.outputs));
      request.setInputs(toStruct(olds.inputs));
      const response = await call<ReadResponse>(provider, (done) => provider.client.read(request, done), signal);
      if (response.getId() === "") return undefined;
      const inputs = response.getInputs() ? fromStruct(response.getInputs()) : olds.inputs;
      return { id: response.getId(), inputs, outputs: fromStruct(response.getProperties()) };
    },
    delete: async (id, outputs, signal) => {
      const provider = await process.open();
      const { providerMessages, toStruct } = provider.protocol;
      const request = new providerMessages.DeleteRequest();
      request.setId(id);
      request.setUrn(urn);
      request.setProperties(toStruct(outputs));
      await call(provider, (done) => provider.client.delete(request, done), signal);
    },
  };
}

interface Cancellable {
  cancel(): void;
}

function call<Response>(
  provider: DynamicProvider,
  start: (done: (error: ServiceError | null, response: Response) => void) => Cancellable,
  signal?: AbortSignal,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const running = start((error, response) => {
      signal?.removeEventListener("abort", stop);
      if (!error) resolve(response);
      else reject(signal?.aborted ? signal.reason : providerError(provider, error));
    });
    const stop = () => running.cancel();
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** What the provider's code threw, without gRPC's words around it. */
function providerError(provider: DynamicProvider, error: ServiceError): Error {
  const failed = initFailure(provider, error);
  if (failed) return failed;
  const lost = error.code === provider.protocol.grpc.status.UNAVAILABLE;
  return new Error(lost ? "the process of the dynamic provider has ended" : error.details || error.message, {
    cause: error,
  });
}

function initFailure({ protocol }: DynamicProvider, error: ServiceError): ResourceInitError | undefined {
  const [details] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (!(details instanceof Uint8Array)) return undefined;
  const { ErrorResourceInitFailed } = protocol.providerMessages;
  const [any] = protocol.statusMessages.Status.deserializeBinary(details).getDetailsList();
  const failure = any?.unpack(
    (bytes) => ErrorResourceInitFailed.deserializeBinary(bytes),
    "pulumirpc.ErrorResourceInitFailed",
  );
  if (!failure) return undefined;
  const outputs = protocol.fromStruct(failure.getProperties());
  return new ResourceInitError(error.details, failure.getId(), outputs, failure.getReasonsList());
}
