// Lint rules of our own for the code that Temporal replays (src/workflows).
//
// A worker keeps many workflows in one process: state at module level outlives a run, is shared
// in ways replay does not repeat, and differs between a fresh and a cached workflow.

const noModuleState = {
  meta: { type: 'problem', docs: { description: 'no mutable binding at module level' } },
  create(context) {
    return {
      VariableDeclaration(node) {
        const parent = node.parent?.type
        const atModuleLevel = parent === 'Program' || parent === 'ExportNamedDeclaration'
        if (!atModuleLevel || node.kind === 'const' || node.declare) return
        context.report({
          node,
          message: `A workflow module keeps no mutable state: '${node.kind}' at module level does not replay. Move it into the workflow function.`,
        })
      },
    }
  },
}

export default {
  meta: { name: 'workflow' },
  rules: { 'no-module-state': noModuleState },
}
