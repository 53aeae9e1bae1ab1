import type { ServiceError } from "@grpc/grpc-js";
import { fromStruct, grpc, providerMessages, statusMessages, toStruct } from "../pulumi-protocol.ts";
import { knownOnly, same, type Values } from "../values.ts";
import type { DynamicProcess } from "./dynamic-process.ts";
import { ResourceInitError, type ResourceProvider } from "./provider.ts";

/** The serialised code of a dynamic resource, among its inputs and outputs. */
const CODE = "__provider";

/** A resource type whose provider is code of the program, run in Pulumi's own process for it. */
export function dynamicResource(process: DynamicProcess, urn: string): ResourceProvider {
  return {
    secretInputs: [],
    mergesInputs: false,
    check: async (olds, news) => {
      const request = new providerMessages.CheckRequest();
      request.setUrn(urn);
      request.setOlds(toStruct(olds));
      request.setNews(toStruct(news));
      const client = await process.client();
      const response = await call<InstanceType<typeof providerMessages.CheckResponse>>((done) =>
        client.check(request, done),
      );
      const failures = response.getFailuresList().map((failure) => ({
        property: failure.getProperty(),
        reason: failure.getReason(),
      }));
      return { inputs: fromStruct(response.getInputs()), failures };
    },
    diff: async (old, news) => {
      // Nothing differs, so nothing has to be asked: the process is not started for an update without changes.
      if (same(old.inputs, news)) return { changed: false, replace: [], deleteBeforeReplace: false };
      const request = new providerMessages.DiffRequest();
      request.setId(old.id);
      request.setUrn(urn);
      request.setOlds(toStruct(old.outputs));
      request.setOldInputs(toStruct(old.inputs));
      request.setNews(toStruct(news));
      const client = await process.client();
      const response = await call<InstanceType<typeof providerMessages.DiffResponse>>((done) =>
        client.diff(request, done),
      );
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
      const request = new providerMessages.CreateRequest();
      request.setUrn(urn);
      request.setProperties(toStruct(inputs));
      const client = await process.client();
      const response = await call<InstanceType<typeof providerMessages.CreateResponse>>(
        (done) => client.create(request, done),
        signal,
      );
      return { id: response.getId(), outputs: fromStruct(response.getProperties()) };
    },
    update: async (old, inputs, signal) => {
      const request = new providerMessages.UpdateRequest();
      request.setId(old.id);
      request.setUrn(urn);
      request.setOlds(toStruct(old.outputs));
      request.setOldInputs(toStruct(old.inputs));
      request.setNews(toStruct(inputs));
      const client = await process.client();
      const response = await call<InstanceType<typeof providerMessages.UpdateResponse>>(
        (done) => client.update(request, done),
        signal,
      );
      return { outputs: fromStruct(response.getProperties()) };
    },
    read: async (id, olds, signal) => {
      const request = new providerMessages.ReadRequest();
      request.setId(id);
      request.setUrn(urn);
      request.setProperties(toStruct(olds.outputs));
      request.setInputs(toStruct(olds.inputs));
      const client = await process.client();
      const response = await call<InstanceType<typeof providerMessages.ReadResponse>>(
        (done) => client.read(request, done),
        signal,
      );
      if (response.getId() === "") return undefined;
      const inputs = response.getInputs() ? fromStruct(response.getInputs()) : olds.inputs;
      return { id: response.getId(), inputs, outputs: fromStruct(response.getProperties()) };
    },
    delete: async (id, outputs, signal) => {
      const request = new providerMessages.DeleteRequest();
      request.setId(id);
      request.setUrn(urn);
      request.setProperties(toStruct(outputs));
      const client = await process.client();
      await call((done) => client.delete(request, done), signal);
    },
  };
}

/** Whether a dynamic resource can be asked at all: its code is there and known. */
export function hasCode(values: Values): boolean {
  return typeof knownOnly(values)[CODE] === "string";
}

interface Cancellable {
  cancel(): void;
}

function call<Response>(
  start: (done: (error: ServiceError | null, response: Response) => void) => Cancellable,
  signal?: AbortSignal,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const running = start((error, response) => {
      signal?.removeEventListener("abort", stop);
      if (!error) resolve(response);
      else reject(signal?.aborted ? signal.reason : providerError(error));
    });
    const stop = () => running.cancel();
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** What the provider's code threw, without gRPC's words around it. */
function providerError(error: ServiceError): Error {
  const failed = initFailure(error);
  if (failed) return failed;
  const lost = error.code === grpc.status.UNAVAILABLE;
  return new Error(lost ? "the process of the dynamic provider has ended" : error.details || error.message, {
    cause: error,
  });
}

function initFailure(error: ServiceError): ResourceInitError | undefined {
  const [details] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (!(details instanceof Uint8Array)) return undefined;
  try {
    const status = statusMessages.Status.deserializeBinary(details);
    const any = status.getDetailsList()[0];
    const failure = any?.unpack(
      providerMessages.ErrorResourceInitFailed.deserializeBinary,
      "pulumirpc.ErrorResourceInitFailed",
    );
    if (!failure) return undefined;
    const outputs = fromStruct(failure.getProperties());
    return new ResourceInitError(error.details, failure.getId(), outputs, failure.getReasonsList());
  } catch {
    return undefined;
  }
}
