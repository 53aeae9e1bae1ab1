/** The budget's exact wall: worst cases reserved before a call, true costs settled after it, in one D1 database. */
export {
  type Ledger,
  type LedgerCall,
  LedgerError,
  type LedgerErrorCode,
  type Reservation,
  type Settlement,
} from "./ledger/contract.ts";
export { type D1Ledger, type D1LedgerOptions, d1Ledger } from "./ledger/d1-ledger.ts";
export { type NanoDollars, nanoDollars, usdOf } from "./ledger/money.ts";
export { readUsage, Usage, type UsageQuery } from "./ledger/usage.ts";
export { type UsageEndpointOptions, usageEndpoint } from "./ledger/usage-endpoint.ts";
