import { ApiProblem } from "./api.js";

/**
 * Sends a body of any size and says how much of it is on its way. `fetch` cannot say that.
 *
 * @param onProgress called with the bytes sent and the bytes in all
 * @returns the parsed answer; throws ApiProblem, or AbortError when `signal` was used
 */
export function send(key, address, { body, headers, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.responseType = "json";
    for (const [name, value] of Object.entries({ ...headers, authorization: `Bearer ${key}` })) {
      request.setRequestHeader(name, value);
    }
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded, total));
    request.addEventListener("load", () => {
      const { status, response } = request;
      if (status >= 200 && status < 300) resolve(response);
      else reject(new ApiProblem(status, response ?? {}));
    });
    request.addEventListener("error", () => reject(new TypeError("the connection broke")));
    request.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}
