/** A call that the platform answers with an error. Each platform gives it its own JSON shape. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly status: number;
  readonly extra: { readonly name?: string; readonly headers?: Readonly<Record<string, string>> };

  constructor(status: number, message: string, extra: Refusal["extra"] = {}) {
    super(message);
    this.status = status;
    this.extra = extra;
  }
}
