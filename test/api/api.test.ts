import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../project-root.ts";
import { parseSource } from "../tidy/source.ts";
import { declarationText, docstringOf } from "./declaration-text.ts";
import { documentPath, documentText } from "./document.ts";
import { nodesOf, publicExports } from "./public-export.ts";

const index = "packages/client/src/index.ts";

/** Of the last declaration. */
function textOf(text: string): string {
  const file = parseSource({ path: "one.ts", text });
  const last = nodesOf(file.program["body"]).at(-1);
  return last === undefined ? "" : declarationText(file, last);
}

test("docs/api.md is what `npm run api` writes", () => {
  expect(readFileSync(join(projectRoot, documentPath), "utf8")).toBe(documentText());
});

test("each function and class that the client hands out has a docstring", () => {
  const bare = publicExports(index).filter(
    ({ file, declaration }) =>
      /^(class|function) /.test(declarationText(file, declaration)) &&
      docstringOf(file, declaration) === "",
  );

  expect(bare.map(({ name }) => name)).toEqual([]);
});

test("a name is followed through the doors of other packages to where it is declared", () => {
  const found = publicExports(index).find(({ name }) => name === "MarkedJob");

  expect(found?.file.path).toMatch(/^packages\/global-state\/src\/(?!index)/);
});

describe("a declaration as its user sees it", () => {
  test("a class has the docstrings of its members, and neither bodies nor what is private", () => {
    const text = `export class Lamp extends Thing {
  readonly kind = "lamp";
  /** How bright. */
  readonly lumens: number = 3;
  readonly #bulb: Bulb;
  private constructor() {
    super();
  }
  /** At once. */
  async light(options: { readonly dim?: boolean } = {}): Promise<void> {
    await this.#bulb.light(options);
  }
  #hidden(): void {}
  override get isOn(): boolean {
    return true;
  }
}`;

    expect(textOf(text)).toBe(`class Lamp extends Thing {
  readonly kind: "lamp";
  /** How bright. */
  readonly lumens: number;
  /** At once. */
  light(options?: { readonly dim?: boolean }): Promise<void>;
  get isOn(): boolean;
}`);
  });

  test("a function is its signature", () => {
    const text = "export async function dim(by: number, to = 1, end: number = 2): Promise<void> {}";

    expect(textOf(text)).toBe("function dim(by: number, to?, end?: number): Promise<void>;");
  });

  test("a type that is made of a value shows the value", () => {
    const text = `const colours = ["red", "blue"] as const;\nexport type Colour = (typeof colours)[number];`;

    expect(textOf(text)).toBe(
      `const colours = ["red", "blue"] as const;\n\ntype Colour = (typeof colours)[number];`,
    );
  });

  test("a docstring is plain text, without its stars", () => {
    const file = parseSource({
      path: "one.ts",
      text: "/** Not this one. */\nconst a = 1;\n/**\n * Red,\n * or *blue*.\n */\nexport type Colour = string;",
    });
    const docstrings = nodesOf(file.program["body"]).map((node) => docstringOf(file, node));

    expect(docstrings).toEqual(["Not this one.", "Red,\nor *blue*."]);
  });
});
