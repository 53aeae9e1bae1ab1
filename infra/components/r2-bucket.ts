// A deep import: the package as a whole takes half a second to load.
import * as r2 from "@pulumi/cloudflare/r2bucket.js";
import * as pulumi from "@pulumi/pulumi";
import { R2Contents } from "./r2-contents.ts";

export interface R2BucketArgs {
  readonly accountId: string;
  /** Unique in the account. */
  readonly bucketName: string;
}

/** An R2 bucket that is emptied before it is deleted. */
export class R2Bucket extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;

  constructor(name: string, { accountId, bucketName }: R2BucketArgs, options?: pulumi.ComponentResourceOptions) {
    super("tenner:index:R2Bucket", name, {}, options);
    const bucket = new r2.R2Bucket(
      name,
      { accountId, name: bucketName, storageClass: "Standard", jurisdiction: "default" },
      { parent: this },
    );
    const contents = new R2Contents(name, { accountId, bucketName: bucket.name }, { parent: this });
    this.bucketName = contents.bucketName;
    this.registerOutputs({ bucketName: this.bucketName });
  }
}
