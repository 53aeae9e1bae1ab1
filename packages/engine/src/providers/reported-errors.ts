/**
 * Leaves out of what a dynamic provider prints the errors that it also answers with: Pulumi's process prints each as
 * `<error>: <error>` with its stack, and the answer is reported anyway.
 */
export function withoutReportedErrors(onLine: (line: string) => void): (line: string) => void {
  let inStack = false;
  return (line) => {
    inStack = isTwice(line) || (inStack && /^\s+at /.test(line));
    if (!inStack) onLine(line);
  };
}

function isTwice(line: string): boolean {
  const half = (line.length - 2) / 2;
  return (
    /^\w*Error\b/.test(line) && line.slice(half, half + 2) === ": " && line.slice(0, half) === line.slice(half + 2)
  );
}
