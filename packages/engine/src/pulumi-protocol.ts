import { createRequire } from "node:module";
import type * as Grpc from "@grpc/grpc-js";
import type * as EngineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type * as EngineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import type * as ProviderGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as ProviderMessages from "@pulumi/pulumi/proto/provider_pb.js";
import type * as ResourceGrpc from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import type * as ResourceMessages from "@pulumi/pulumi/proto/resource_pb.js";
import type * as StatusMessages from "@pulumi/pulumi/proto/status_pb.js";
import type * as Empties from "google-protobuf/google/protobuf/empty_pb.js";
import type * as Structs from "google-protobuf/google/protobuf/struct_pb.js";
import { isObject, type Values, withoutUndefined } from "./values.ts";

// The generated code is CommonJS that assigns its exports at run time, which an import statement cannot see.
const require = createRequire(import.meta.url);
// Messages refuse parts made by another copy of protobuf than Pulumi's own.
const requireOfPulumi = createRequire(require.resolve("@pulumi/pulumi"));

export const grpc: typeof Grpc = require("@grpc/grpc-js");
export const engineGrpc: typeof EngineGrpc = require("@pulumi/pulumi/proto/engine_grpc_pb.js");
export const engineMessages: typeof EngineMessages = require("@pulumi/pulumi/proto/engine_pb.js");
export const providerGrpc: typeof ProviderGrpc = require("@pulumi/pulumi/proto/provider_grpc_pb.js");
export const providerMessages: typeof ProviderMessages = require("@pulumi/pulumi/proto/provider_pb.js");
export const resourceGrpc: typeof ResourceGrpc = require("@pulumi/pulumi/proto/resource_grpc_pb.js");
export const resourceMessages: typeof ResourceMessages = require("@pulumi/pulumi/proto/resource_pb.js");
export const statusMessages: typeof StatusMessages = require("@pulumi/pulumi/proto/status_pb.js");
export const { Empty }: typeof Empties = requireOfPulumi("google-protobuf/google/protobuf/empty_pb.js");
const { Struct }: typeof Structs = requireOfPulumi("google-protobuf/google/protobuf/struct_pb.js");

/** Messages may be as large as a program's serialised code. */
export const unlimitedMessages = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

export function toStruct(values: Values): Structs.Struct {
  // Struct.fromJavaScript wants JSON values; withoutUndefined leaves nothing else.
  return Struct.fromJavaScript(withoutUndefined(values) as Record<string, Structs.JavaScriptValue>);
}

export function fromStruct(struct: Structs.Struct | undefined): Values {
  const values: unknown = struct?.toJavaScript();
  return isObject(values) ? values : {};
}
