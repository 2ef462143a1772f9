// Stands in for xmlhttprequest-ssl in the bundle: HTTP long-polling is never used.
export function XMLHttpRequest() {
  throw new Error("HTTP long-polling is not part of this build");
}
