// named-types.ts — which types a declaration names, as its user sees it: those that he must be able to name, too.
import { isSyntaxNode, parseSource, type SyntaxNode, walk } from "../tidy/source.ts";
import { shownText } from "./declaration-text.ts";
import { nodesOf, type PublicExport } from "./public-export.ts";

/** Without those that the platform has. */
export function namedTypes(exported: PublicExport): readonly string[] {
  const text = shownText(exported);
  const isAmbient = /^(abstract )?(class|function) /.test(text);
  const shown = parseSource({ path: "shown.ts", text: isAmbient ? `declare ${text}` : text });
  const ours = namesIn(exported.file.program);
  const own = new Set([...walk(shown.program)].flatMap(parameterOf));
  const named = [...walk(shown.program)].flatMap(namedBy);
  return [...new Set(named)].filter((name) => ours.has(name) && !own.has(name));
}

function namedBy({ type, expression, superClass, typeName }: SyntaxNode): readonly string[] {
  if (type === "TSTypeReference") return nameOf(typeName);
  if (type === "TSInterfaceHeritage" || type === "TSClassImplements") return nameOf(expression);
  return nameOf(superClass);
}

/** `T` of `Page<T>`: its user chooses it. */
function parameterOf({ type, name, key }: SyntaxNode): readonly string[] {
  if (type === "TSMappedType") return nameOf(key);
  return type === "TSTypeParameter" ? nameOf(name) : [];
}

/** What the file declares or imports; any other name is of the platform. */
function namesIn(program: SyntaxNode): ReadonlySet<string> {
  const names = nodesOf(program["body"]).flatMap((statement) => {
    const specifiers = nodesOf(statement["specifiers"]).flatMap(({ local }) => nameOf(local));
    const { declaration } = statement;
    const declared = isSyntaxNode(declaration) ? declaration : statement;
    return [...specifiers, ...nameOf(declared["id"])];
  });
  return new Set(names);
}

function nameOf(identifier: unknown): readonly string[] {
  if (!isSyntaxNode(identifier) || identifier.type !== "Identifier") return [];
  return [String(identifier["name"])];
}
