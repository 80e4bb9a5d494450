/**
 * Lint rules of this repository that no published rule covers. Loaded by `.oxlintrc.json` as the plugin `crosspoint`.
 */

const isIdentifier = (node, name) => node?.type === 'Identifier' && node.name === name;

/** Pure rooms get the time as an argument: `new Date()` reads the clock, `new Date(atMs)` does not. */
const noClock = {
  create(context) {
    return {
      NewExpression(node) {
        if (isIdentifier(node.callee, 'Date') && node.arguments.length === 0) {
          context.report({ node, message: 'A pure room has no clock: take the time as an argument.' });
        }
      },
    };
  },
};

/** A test that sleeps is slow when the machine is fast and fails when it is slow. */
const noSleep = {
  create(context) {
    const message = 'Do not sleep: wait for an event, or for a condition with a deadline.';
    return {
      NewExpression(node) {
        if (!isIdentifier(node.callee, 'Promise')) return;
        const executor = node.arguments[0];
        const resolve = executor?.params?.[0];
        if (resolve?.type !== 'Identifier') return;
        const statements = executor.body.type === 'BlockStatement' ? executor.body.body : [executor.body];
        const only = statements.length === 1 ? (statements[0].expression ?? statements[0]) : undefined;
        const sleeps =
          only?.type === 'CallExpression' &&
          isIdentifier(only.callee, 'setTimeout') &&
          isIdentifier(only.arguments[0], resolve.name);
        if (sleeps) context.report({ node, message });
      },
      ImportDeclaration(node) {
        if (node.source.value === 'node:timers/promises') context.report({ node, message });
      },
    };
  },
};

/** `[CAR-01] …` or `[RFC3261 §17.1.1] …`: the title names the rule that the test proves. */
const testTitle = {
  create(context) {
    return {
      CallExpression(node) {
        if (!isIdentifier(node.callee, 'test') && !isIdentifier(node.callee, 'it')) return;
        const title = node.arguments[0];
        const text = title?.type === 'Literal' ? title.value : title?.quasis?.[0]?.value?.cooked;
        if (typeof text !== 'string' || /^\[[A-Z][^\]]*\] \S/.test(text)) return;
        context.report({
          node: title,
          message: 'Start the title with the rule it proves, such as "[CAR-01] …".',
        });
      },
    };
  },
};

export default {
  meta: { name: 'crosspoint' },
  rules: { 'no-clock': noClock, 'no-sleep': noSleep, 'test-title': testTitle },
};
