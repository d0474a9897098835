// declaration-text.ts — a declaration as its user sees it: with the docstrings of its members, without bodies and without
// what is private.
import { isSyntaxNode, type SourceFile, type SyntaxNode, walk } from "../tidy/source.ts";
import { nodesOf, type PublicExport } from "./public-export.ts";

/** The docstring before it, as plain text; "" where there is none. */
export function docstringOf(file: SourceFile, node: SyntaxNode): string {
  return commentBefore(file, node)
    .replace(/^\/\*\*|\*\/$/g, "")
    .replace(/^\s*\* ?/gm, "")
    .trim();
}

/** A class that is exported as a type is made by nobody: its constructor is not shown. */
export function shownText({ name, file, declaration, isTypeOnly }: PublicExport): string {
  const text = declarationText(file, declaration, isTypeOnly ? "a type" : "a value");
  const isRenamed = !new RegExp(`\\b(class|function|interface|type) ${name}\\b`).test(text);
  return isRenamed ? text.replace(/\b(class|interface|type) \w+/, `$1 ${name}`) : text;
}

export function declarationText(
  file: SourceFile,
  exported: SyntaxNode,
  as: "a type" | "a value" = "a value",
): string {
  const { declaration } = exported;
  if (!isSyntaxNode(declaration)) throw new Error(`${file.path}: nothing is declared`);
  if (declaration.type === "ClassDeclaration") {
    return classText(file, declaration, (member) =>
      as === "a type" ? member["static"] !== true && member["kind"] !== "constructor" : true,
    );
  }
  if (declaration.type === "FunctionDeclaration")
    return signatureText(file, declaration, declaration);
  return [...namedValues(file, declaration), textOf(file, declaration)].join("\n\n");
}

/** Of a type that is `typeof` a value beside it: what it may be is written there. */
function namedValues(file: SourceFile, declaration: SyntaxNode): readonly string[] {
  const names = [...walk(declaration)]
    .filter(({ type }) => type === "TSTypeQuery")
    .flatMap(({ exprName }) => (isSyntaxNode(exprName) ? [textOf(file, exprName)] : []));
  return nodesOf(file.program["body"]).flatMap((statement) => {
    const { declaration: exported } = statement;
    const value = isSyntaxNode(exported) ? exported : statement;
    const isNamed = nodesOf(value["declarations"]).some(
      ({ id }) => isSyntaxNode(id) && names.includes(String(id["name"])),
    );
    return isNamed ? [textOf(file, value)] : [];
  });
}

function classText(
  file: SourceFile,
  declaration: SyntaxNode,
  isShown: (member: SyntaxNode) => boolean,
): string {
  const { body } = declaration;
  if (!isSyntaxNode(body)) throw new Error(`${file.path}: a class without a body`);
  const head = file.text.slice(declaration.start, body.start);
  const members = nodesOf(body["body"])
    .filter((member) => isPublic(member) && isShown(member))
    .map((member) => {
      const comment = commentBefore(file, member);
      return `  ${comment === "" ? "" : `${comment}\n  `}${memberText(file, member)}`;
    });
  return [`${head}{`, ...members, "}"].join("\n");
}

function isPublic(member: SyntaxNode): boolean {
  const { accessibility, key } = member;
  const isHidden = isSyntaxNode(key) && key.type === "PrivateIdentifier";
  return !isHidden && accessibility !== "private";
}

function memberText(file: SourceFile, member: SyntaxNode): string {
  const { value } = member;
  if (member.type === "MethodDefinition" && isSyntaxNode(value)) {
    return signatureText(file, member, value);
  }
  const end = isSyntaxNode(value) ? value.start : member.end;
  const isTyped = isSyntaxNode(member["typeAnnotation"]);
  const type = isSyntaxNode(value) && !isTyped ? `: ${textOf(file, value)}` : "";
  return `${shown(file.text.slice(member.start, end).replace(/\s*=?\s*;?$/, ""))}${type};`;
}

/** From the beginning of `whole`, a function or the member whose value it is, to where its body begins. */
function signatureText(file: SourceFile, whole: SyntaxNode, called: SyntaxNode): string {
  const { body } = called;
  const end = isSyntaxNode(body) ? body.start : called.end;
  let text = "";
  let from = whole.start;
  for (const parameter of nodesOf(called["params"])) {
    const { left } = parameter;
    if (parameter.type !== "AssignmentPattern" || !isSyntaxNode(left)) continue;
    // Who calls sees that it may be left out.
    text += file.text.slice(from, left.start) + textOf(file, left).replace(/^(\w+)/, "$1?");
    from = parameter.end;
  }
  return `${shown((text + file.text.slice(from, end)).trim())};`;
}

function shown(signature: string): string {
  return signature.replace(/^((?:static )?)async /, "$1").replace(/^override /, "");
}

function commentBefore(file: SourceFile, node: SyntaxNode): string {
  return /\/\*\*(?:(?!\*\/)[\s\S])*\*\/(?=\s*$)/.exec(file.text.slice(0, node.start))?.[0] ?? "";
}

function textOf(file: SourceFile, node: SyntaxNode): string {
  return file.text.slice(node.start, node.end);
}
