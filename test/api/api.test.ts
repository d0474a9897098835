import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../project-root.ts";
import { parseSource } from "../tidy/source.ts";
import { declarationText, docstringOf, shownText } from "./declaration-text.ts";
import { documentPath, documentText } from "./document.ts";
import { namedTypes } from "./named-types.ts";
import { nodesOf, type PublicExport, publicExports } from "./public-export.ts";

const index = "packages/client/src/index.ts";

/** Of the last declaration. */
function textOf(text: string): string {
  const file = parseSource({ path: "one.ts", text });
  const last = nodesOf(file.program["body"]).at(-1);
  return last === undefined ? "" : declarationText(file, last);
}

/** Its last declaration, as a package has it. */
function exportOf(text: string, given: Partial<PublicExport> = {}): PublicExport {
  const file = parseSource({ path: "one.ts", text });
  const declaration = nodesOf(file.program["body"]).at(-1);
  if (declaration === undefined) throw new Error("nothing is declared");
  return { name: "Lamp", file, declaration, isTypeOnly: false, ...given };
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

test("each type that is named there is exported, or of the platform", () => {
  const all = publicExports(index);
  const exported = new Set(all.map(({ name }) => name));

  const missing = all.flatMap((each) =>
    namedTypes(each)
      .filter((name) => !exported.has(name))
      .map((name) => `${name}, of ${each.name}`),
  );

  expect(missing).toEqual([]);
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

  test("a class that is exported as a type has no constructor: nobody makes one", () => {
    const text = `export class Lamp {
  readonly lumens: number;
  static make(): Lamp {
    return new Lamp({ lumens: 3 });
  }
  constructor(parts: LampParts) {
    this.lumens = parts.lumens;
  }
}`;

    expect(shownText(exportOf(text, { isTypeOnly: true }))).toBe(
      "class Lamp {\n  readonly lumens: number;\n}",
    );
    expect(shownText(exportOf(text))).toContain("constructor(parts: LampParts);");
  });

  test("what is exported under another name has that one", () => {
    const text = "export type Result = Light | Dark;";

    expect(shownText(exportOf(text))).toBe("type Lamp = Light | Dark;");
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

describe("the types that a declaration names", () => {
  const imports = 'import type { Bulb, Shade, Socket, Wire } from "./parts.ts";\n';

  test("are those of its signatures, without the platform's and its own parameters", () => {
    const text = `${imports}export interface Lamp<Wire> extends Shade {
  readonly bulb: Promise<readonly Bulb[]>;
  light(by: Wire, at: Date): { readonly [Socket in "a" | "b"]: Socket };
}`;

    expect(namedTypes(exportOf(text))).toEqual(["Shade", "Bulb"]);
  });

  test("of a class are what it extends and implements, and not what is private or in its bodies", () => {
    const text = `${imports}export class Lamp extends Shade implements Socket {
  readonly #bulb: Bulb;
  get wire(): Wire {
    return this.#bulb.wire as Bulb;
  }
}`;

    expect(namedTypes(exportOf(text))).toEqual(["Shade", "Socket", "Wire"]);
  });
});
