/** The setup of a Mochat account. The core decides; whoever holds this carries out its orders, one at a time. */
import { compiledModule } from "./load.ts";
import type { SetupFacts, SetupOrder } from "./protocol.ts";
import { InstanceScope } from "./scope.ts";

export class Setup implements Disposable {
  readonly #core: import("./glue.js").WasmSetup;
  readonly #scope: InstanceScope;
  /** A call of the core's that ends, or the end of the core. */
  #call = Promise.withResolvers<void>();

  private constructor({ createCore }: typeof import("./glue.js"), module: WebAssembly.Module, facts: SetupFacts) {
    this.#scope = new InstanceScope((error) => this.#call.reject(error));
    const bindings = createCore(this.#scope);
    bindings.initSync({ module });
    this.#core = new bindings.Setup(JSON.stringify(facts), () => this.#call.resolve());
  }

  static async open(facts: SetupFacts): Promise<Setup> {
    return new Setup(await import("./glue.js"), await compiledModule(), facts);
  }

  /** Tells how the last order went, and answers with the next. */
  tell(fact: "started" | "answered" | "written" | "notWritten", text = ""): SetupOrder {
    return JSON.parse(this.#core.tell(fact, text.toWellFormed()));
  }

  /** Waits for the call that was ordered, and answers with what comes next. */
  async called(): Promise<SetupOrder> {
    await this.#call.promise;
    this.#call = Promise.withResolvers();
    return JSON.parse(this.#core.tell("settled", ""));
  }

  [Symbol.dispose](): void {
    this.#core.free();
    this.#scope.close();
  }
}
