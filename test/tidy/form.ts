// form.ts — the form of a file: size, names, and the constructs we do not write (STYLE §1, §3; TREE §8).
import type { Finding, SourceFile, SyntaxNode, TextFile } from "./source.ts";
import { finding, isSyntaxNode, lineOf, walk } from "./source.ts";

const fileLinesMax = 400;
const functionLinesMax = 60;

/** Checked constructors and decoders, the only places where `as` may stand; each checks what it claims. */
const castingFiles: readonly RegExp[] = [
  /^packages\/[^/]+\/src\/(core\/)?ids\.ts$/,
  /^packages\/raft\/src\/core\/effect\.ts$/,
  /\/[a-z-]*codec\.ts$/,
  /\/parse-[a-z-]+\.ts$/,
  /\/node-[a-z-]+\.ts$/,
  /^test\//,
];

export function filesAreSmall(files: readonly TextFile[]): Finding[] {
  return files
    .filter((file) => !file.isTest && file.lines > fileLinesMax)
    .map((file) => ({
      at: file.path,
      says: `has ${file.lines} lines, the wall is ${fileLinesMax}: a concept in it has no file yet`,
    }));
}

export function functionsAreSmall(files: readonly SourceFile[]): Finding[] {
  return files
    .filter((file) => !file.isTest)
    .flatMap((file) =>
      [...walk(file.program)].filter(isFunction).flatMap((node) => {
        const lines = lineOf(file, node.end) - lineOf(file, node.start) + 1;
        if (lines <= functionLinesMax) return [];
        return [
          finding(
            file,
            node.start,
            `a function of ${lines} lines, the wall is ${functionLinesMax}: let leaves compute`,
          ),
        ];
      }),
    );
}

function isFunction(node: SyntaxNode): boolean {
  return /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type);
}

export function filesSayWhatTheyDecide(files: readonly SourceFile[]): Finding[] {
  return files
    .filter((file) => !file.isTest && !/^(#!.*\n)?\s*\/[/*]/.test(file.text))
    .map((file) => ({
      at: file.path,
      says: "opens without a comment: say what it decides and what it never does",
    }));
}

export function namesSayWhatIsKnown(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) => {
    const found: Finding[] = [];
    if (/(^|[/-])(utils?|helpers?|common|misc)(\.|-|$)/.test(file.path.split("/").at(-1) ?? "")) {
      found.push({
        at: file.path,
        says: "is a dumping ground by its name: name what it knows or decides",
      });
    }
    for (const node of walk(file.program)) {
      if (!/^(ClassDeclaration|TSInterfaceDeclaration|TSTypeAliasDeclaration)$/.test(node.type))
        continue;
      const id = node["id"];
      const name = isSyntaxNode(id) ? String(id["name"]) : "";
      if (/(Manager|Helper|Handler|Service|Util|Utils)$/.test(name)) {
        found.push(finding(file, node.start, `${name}: name what it knows or decides`));
      }
    }
    return found;
  });
}

export function constructsWeDoNotWrite(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) =>
    [...walk(file.program)].flatMap((node) => {
      const says = unwelcome(file, node);
      return says === undefined ? [] : [finding(file, node.start, says)];
    }),
  );
}

function unwelcome(file: SourceFile, node: SyntaxNode): string | undefined {
  const isConfigurationOfATool = /(^|\/)vitest\.config\.ts$/.test(file.path);
  if (node.type === "ExportAllDeclaration") return "export *: name what leaves";
  if (node.type === "ExportDefaultDeclaration" && !isConfigurationOfATool)
    return "a default export: name it";
  if (node.type === "TSEnumDeclaration") return "an enum: use a union of literals";
  if (node.type === "TSAnyKeyword") return "any: say what it is, or unknown";
  if (node.type === "TSNonNullExpression")
    return "a non-null assertion: handle the absent case or assert it";
  if (node.type === "TSAsExpression" && !file.isTest) return unwelcomeCast(file, node);
  if (node.type === "ExportNamedDeclaration" && !file.isTest) return booleanParameter(node);
  return undefined;
}

function unwelcomeCast(file: SourceFile, node: SyntaxNode): string | undefined {
  const annotation = node["typeAnnotation"];
  const typeName = isSyntaxNode(annotation) ? annotation["typeName"] : undefined;
  if (isSyntaxNode(typeName) && typeName["name"] === "const") return undefined;
  if (castingFiles.some((pattern) => pattern.test(file.path))) return undefined;
  return "`as` outside a checked constructor: check the value where it enters";
}

function booleanParameter(node: SyntaxNode): string | undefined {
  const declaration = node["declaration"];
  if (!isSyntaxNode(declaration) || declaration.type !== "FunctionDeclaration") return undefined;
  const returned = declaration["returnType"];
  const predicate = isSyntaxNode(returned) ? returned["typeAnnotation"] : undefined;
  if (isSyntaxNode(predicate) && predicate["asserts"] === true) return undefined;
  const parameters = declaration["params"];
  if (!Array.isArray(parameters)) return undefined;
  for (const parameter of parameters) {
    const annotation = isSyntaxNode(parameter) ? parameter["typeAnnotation"] : undefined;
    const type = isSyntaxNode(annotation) ? annotation["typeAnnotation"] : undefined;
    if (isSyntaxNode(type) && type.type === "TSBooleanKeyword") {
      return "a boolean parameter in an exported function: name it at the call, or use a union";
    }
  }
  return undefined;
}

/** TODO carries an issue, as `TODO(#12)`. */
export function todosHaveIssues(files: readonly SourceFile[]): Finding[] {
  const word = ["TO", "DO"].join("");
  const pattern = new RegExp(`\\b(${word}|FIXME|XXX)\\b(?!\\(#\\d+\\))`, "g");
  return files
    .filter((file) => !file.path.startsWith("test/tidy/"))
    .flatMap((file) =>
      [...file.text.matchAll(pattern)].map((match) =>
        finding(file, match.index, `a ${match[1]} without an issue: do it, or write ${word}(#12)`),
      ),
    );
}
