export {
  describeSmollm2,
  type InstallOptions,
  type InstallProgress,
  installSmollm2,
  removeSmollm2,
} from "./install.ts";
export { ModelInstallError } from "./install-error.ts";
export { findSmollm2, type InstalledModel } from "./installed-model.ts";
