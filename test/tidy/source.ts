// source.ts — the source files of the project, parsed once, for the rules beside this file.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseSync } from "oxc-parser";
import { projectRoot } from "../project-root.ts";

/** A node of the syntax tree: what the rules need of ESTree, no more. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** In any language. */
export interface TextFile {
  /** From the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly isTest: boolean;
}

export interface SourceFile extends TextFile {
  readonly program: SyntaxNode;
  /** Import and re-export specifiers, static and dynamic. */
  readonly imports: readonly string[];
}

export interface Finding {
  readonly at: string;
  readonly says: string;
}

const skipped = new Set(["node_modules", "dist", ".git", "fixtures", ".rogerd"]);

function* filesIn(directory: string): Generator<string> {
  for (const item of readdirSync(directory, { withFileTypes: true })) {
    if (skipped.has(item.name)) continue;
    const path = join(directory, item.name);
    if (item.isDirectory()) yield* filesIn(path);
    else yield path;
  }
}

export function parseSource(file: { readonly path: string; readonly text: string }): SourceFile {
  const parsed = parseSync(file.path, file.text);
  if (parsed.errors.length > 0) throw new Error(`${file.path}: ${parsed.errors[0]?.message}`);
  const program = parsed.program as unknown as SyntaxNode;
  const imports: string[] = [];
  for (const node of walk(program)) {
    const source = node["source"];
    if (isSyntaxNode(source) && typeof source["value"] === "string") imports.push(source["value"]);
  }
  return { ...textFile(file), program, imports };
}

export function textFile(file: { readonly path: string; readonly text: string }): TextFile {
  return { ...file, lines: file.text.split("\n").length - 1, isTest: isTestPath(file.path) };
}

function isTestPath(path: string): boolean {
  return path.endsWith(".test.ts") || /^packages\/[^/]+\/test\//.test(path);
}

export function readSources(): readonly SourceFile[] {
  return [...read(/\.ts$/)].map(parseSource);
}

/** What no rule of TypeScript holds for. */
export function readOthers(): readonly TextFile[] {
  return [...read(/\.(c|css|js|mjs)$/)].map(textFile);
}

function* read(named: RegExp): Generator<{ readonly path: string; readonly text: string }> {
  for (const folder of ["packages", "test", "examples", "scripts"]) {
    for (const file of filesIn(join(projectRoot, folder))) {
      if (!named.test(file)) continue;
      const path = relative(projectRoot, file).replaceAll("\\", "/");
      yield { path, text: readFileSync(file, "utf8") };
    }
  }
}

export function isSyntaxNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

export function* walk(node: SyntaxNode): Generator<SyntaxNode> {
  yield node;
  for (const value of Object.values(node)) {
    if (isSyntaxNode(value)) yield* walk(value);
    if (!Array.isArray(value)) continue;
    for (const item of value) if (isSyntaxNode(item)) yield* walk(item);
  }
}

export function lineOf(file: SourceFile, offset: number): number {
  return file.text.slice(0, offset).split("\n").length;
}

export function finding(file: SourceFile, offset: number, says: string): Finding {
  return { at: `${file.path}:${lineOf(file, offset)}`, says };
}
