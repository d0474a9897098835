// public-export.ts — what a package hands out: each name of its `index.ts`, and the declaration that it stands for,
// followed through the doors of other packages to where it is written.
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { projectRoot } from "../project-root.ts";
import { isSyntaxNode, parseSource, type SourceFile, type SyntaxNode } from "../tidy/source.ts";

export interface PublicExport {
  /** As the package has it. */
  readonly name: string;
  readonly file: SourceFile;
  /** With `export` before it. */
  readonly declaration: SyntaxNode;
  /** By name only: nobody makes one, or asks for it by `instanceof`. */
  readonly isTypeOnly: boolean;
}

const read = new Map<string, SourceFile>();

export function publicExports(index: string): readonly PublicExport[] {
  const file = sourceAt(index);
  return exportsOf(file).flatMap(({ names }) => names.map((name) => resolved(name, file)));
}

function resolved(name: string, file: SourceFile): PublicExport {
  const found = exportsOf(file).find(({ names }) => names.includes(name));
  if (found === undefined) throw new Error(`${file.path} exports no ${name}`);
  const { from, node } = found;
  const specifier = specifierOf(node, name);
  const isTypeOnly = node["exportKind"] === "type" || specifier?.["exportKind"] === "type";
  if (from === undefined) return { name, file, declaration: node, isTypeOnly };
  const local = isSyntaxNode(specifier?.["local"]) ? nameOf(specifier["local"]) : name;
  const declared = resolved(local, sourceAt(pathOf(from, file)));
  return { ...declared, name, isTypeOnly: isTypeOnly || declared.isTypeOnly };
}

function specifierOf(node: SyntaxNode, name: string): SyntaxNode | undefined {
  return nodesOf(node["specifiers"]).find(
    ({ exported }) => isSyntaxNode(exported) && nameOf(exported) === name,
  );
}

interface Exports {
  readonly names: readonly string[];
  /** Undefined: declared here. */
  readonly from: string | undefined;
  readonly node: SyntaxNode;
}

function exportsOf({ program }: SourceFile): readonly Exports[] {
  return nodesOf(program["body"])
    .filter(({ type }) => type === "ExportNamedDeclaration")
    .map((node) => {
      const { declaration, source } = node;
      const from = isSyntaxNode(source) ? String(source["value"]) : undefined;
      const declared = isSyntaxNode(declaration) ? [declaration] : [];
      const specifiers = nodesOf(node["specifiers"]).flatMap((each) => nodesOf([each["exported"]]));
      const names = [...declared.flatMap(namesOf), ...specifiers.map(nameOf)];
      return { names, from, node };
    });
}

function namesOf(declaration: SyntaxNode): readonly string[] {
  const { declarations, id } = declaration;
  const ids = declarations === undefined ? [id] : nodesOf(declarations).map((each) => each["id"]);
  return nodesOf(ids).map(nameOf);
}

function nameOf(identifier: SyntaxNode): string {
  return String(identifier["name"]);
}

function pathOf(specifier: string, importer: SourceFile): string {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(importer.path), specifier);
  return `packages/${specifier.replace("@rogerd/", "")}/src/index.ts`;
}

function sourceAt(path: string): SourceFile {
  const known = read.get(path);
  if (known !== undefined) return known;
  const file = parseSource({ path, text: readFileSync(join(projectRoot, path), "utf8") });
  read.set(path, file);
  return file;
}

export function nodesOf(value: unknown): readonly SyntaxNode[] {
  return Array.isArray(value) ? value.filter(isSyntaxNode) : [];
}
