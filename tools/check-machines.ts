// Law 1 in a machine file: what a state does has a name in `setup`, so that drawing and trace can show it.

import { isFunction, isNode, lineAt, type Node, nameOf, nodeAt, type SourceFile, walk } from './syntax.ts';
import { type Problem, shown } from './workspace.ts';

/** Functions of xstate that make an action or a guard: within a state they would have no name. */
const makers = new Set([
  ...['assign', 'raise', 'sendTo', 'sendParent', 'emit', 'log', 'cancel', 'enqueueActions'],
  ...['spawnChild', 'stopChild', 'forwardTo', 'and', 'or', 'not', 'stateIn'],
]);

/** Values that are computed by functions and decide nothing. */
const computed = new Set(['context', 'input', 'output', 'params']);

export function checkMachineFile(root: string, file: SourceFile): Problem[] {
  const problems: Problem[] = [];
  const report = (node: Node, message: string): void => {
    problems.push({ file: shown(root, file.path), line: lineAt(file, node.start), message });
  };
  walk(file.program, (node) => {
    const configuration = configurationOf(node);
    if (configuration !== undefined) checkConfiguration(configuration, report);
  });
  return problems;
}

/** The object given to `createMachine` or to `createStateConfig`. */
function configurationOf(node: Node): Node | undefined {
  if (node.type !== 'CallExpression') return undefined;
  const callee = nodeAt(node, 'callee');
  const name = callee?.type === 'MemberExpression' ? nameOf(nodeAt(callee, 'property')) : nameOf(callee);
  if (name !== 'createMachine' && name !== 'createStateConfig') return undefined;
  const [first]: unknown[] = Array.isArray(node.arguments) ? node.arguments : [];
  return isNode(first) ? first : undefined;
}

function checkConfiguration(configuration: Node, report: (node: Node, message: string) => void): void {
  walk(configuration, (node) => {
    if (node.type === 'Property') {
      const key = nameOf(nodeAt(node, 'key'));
      if (key === '*')
        report(node, 'a transition for every event also takes the errors of children; name the events');
      return !(key !== undefined && computed.has(key));
    }
    if (isFunction(node)) {
      report(node, 'a function without a name in a state; name it in setup');
      return false;
    }
    const maker = node.type === 'CallExpression' ? nameOf(nodeAt(node, 'callee')) : undefined;
    if (maker !== undefined && makers.has(maker)) {
      report(node, `${maker}() in a state; name it in setup`);
      return false;
    }
    return true;
  });
}
