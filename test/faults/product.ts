// product.ts — which version of the project the nodes of a run begin with: this one, a former one, or a copy with a bug in it.
import { compatBase, FormerVersion } from "./former-version.ts";
import { type Sabotage, sabotagedCopy } from "./sabotage.ts";

export interface Product extends AsyncDisposable {
  readonly root: string;
}

/** Undefined: this tree. Installs what a former version needs: not to be called where there is no network. */
export async function productOf(asked: {
  readonly sabotage: Sabotage | undefined;
  readonly upgradeFrom: string | undefined;
}): Promise<Product | undefined> {
  const { sabotage, upgradeFrom } = asked;
  if (upgradeFrom !== undefined) {
    return FormerVersion.build(upgradeFrom === "compat-base" ? compatBase : upgradeFrom);
  }
  if (sabotage === undefined) return undefined;
  const copy = await sabotagedCopy(sabotage);
  return { root: copy.root, [Symbol.asyncDispose]: () => copy.close() };
}
