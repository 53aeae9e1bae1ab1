import type { DataResource, RuntimeBinding } from "./service.ts";

/** One module of a Worker as the runtime gets it. */
export interface WorkerModule {
  /** Name other modules import it by, e.g. `index.js`. */
  readonly name: string;
  readonly type: "ESModule" | "CommonJS" | "Text" | "Data" | "CompiledWasm" | "PythonModule";
  readonly contents: Uint8Array;
}

/** A Durable Object class that has storage of its own. */
export interface DurableObjectClass {
  readonly className: string;
  /** Names the class's storage. It stays when the class is renamed. */
  readonly namespaceId: string;
  readonly sqlite: boolean;
}

/** Static assets of a Worker. */
export interface WorkerAssets {
  /** Folder with the files, laid out as their paths. */
  readonly directory: string;
  /** Content type by path (`/index.html`), as uploaded. */
  readonly contentTypes: Readonly<Record<string, string>>;
  readonly htmlHandling?: "auto-trailing-slash" | "force-trailing-slash" | "drop-trailing-slash" | "none";
  readonly notFoundHandling?: "single-page-application" | "404-page" | "none";
  readonly runWorkerFirst?: boolean | readonly string[];
}

/** One version of a Worker that runs. */
export interface WorkerDefinition {
  readonly script: string;
  readonly versionId: string;
  readonly versionTag: string;
  /** RFC 3339. */
  readonly versionCreated: string;
  /** Share of the script's requests, 0–100. The version with the largest share holds the Durable Objects. */
  readonly percentage: number;
  readonly mainModule: string | undefined;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: Readonly<Record<string, RuntimeBinding>>;
  readonly durableObjects: readonly DurableObjectClass[];
  /** Its classes with SQLite whose rows are counted: those that it certainly exports, beside a default export. */
  readonly countedClasses: readonly string[];
  readonly assets?: WorkerAssets;
  /** The main module first. Read when the runtime starts, so code is not kept in memory. */
  modules(): WorkerModule[];
}

/** Everything that runs in an account. */
export interface AccountDefinition {
  /** Versions of one script oldest first. */
  readonly workers: readonly WorkerDefinition[];
  readonly resources: readonly DataResource[];
}

/** Where the runtime learns what an account runs. Read at every start and reload. */
export type AccountSource = (accountId: string) => AccountDefinition;
