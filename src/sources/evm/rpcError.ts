import { BaseError, HttpRequestError, ResponseBodyTooLargeError, RpcRequestError, TimeoutError } from 'viem';
import { AssayError } from '../../lib/errors.ts';

/** The contract itself said no: an answer, not a failure of the node that gave it. */
export class RevertError extends AssayError {
  constructor(detail: string) {
    super('the contract refused the call', { detail });
    this.name = 'RevertError';
  }
}

/** Only the host of a URL: paths, queries and credentials may be an API key. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'unreadable URL';
}

const NOT_JSON_RPC = 'an answer that is not JSON-RPC';

/** What the node answered or did not answer, in a few words without its URL. */
export function describeRpcError(error: unknown): string {
  if (!(error instanceof BaseError)) return error instanceof Error ? error.message.slice(0, 200) : 'unknown error';
  const timeout = error.walk((cause) => cause instanceof TimeoutError);
  if (timeout) return 'no answer in time';
  const rpc = error.walk((cause) => cause instanceof RpcRequestError);
  if (rpc instanceof RpcRequestError) return `error ${rpc.code}: ${rpc.details}`.slice(0, 200);
  const http = error.walk((cause) => cause instanceof HttpRequestError);
  if (http instanceof HttpRequestError && !(http.cause instanceof SyntaxError)) {
    return http.status ? `HTTP ${http.status}` : 'could not connect';
  }
  // What reading the answer stumbled over says nothing to an operator.
  if (error.walk((cause) => cause instanceof SyntaxError || cause instanceof TypeError)) return NOT_JSON_RPC;
  return error.shortMessage.slice(0, 200);
}

/** A revert comes as code 3, or as -32000/-32015 with words to that effect. */
export function isRevert(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  const rpc = error.walk((cause) => cause instanceof RpcRequestError);
  return rpc instanceof RpcRequestError && (rpc.code === 3 || /revert/i.test(rpc.details ?? ''));
}

/** The node answered with an error of its own. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof BaseError && error.walk((cause) => cause instanceof RpcRequestError) !== null;

/** Its body was more than the transport reads. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof BaseError && error.walk((cause) => cause instanceof ResponseBodyTooLargeError) !== null;
