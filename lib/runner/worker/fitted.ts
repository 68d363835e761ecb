/** How the builder writes `import * as x from "y"`. */
const namespaceImport = /__toESM\((require\("[^"]+"\)),1\)/g;

/** Its helper for what a module exports: a second object with a getter for each of the first. */
const exportsCopied = '__toCommonJS=mod=>__copyProps(__defProp({},"__esModule",{value:true}),mod)';
/** The first one has the same names, each as unchangeable, and is made anew by every evaluation, too. */
const exportsThemselves = '__toCommonJS=mod=>__defProp(mod,"__esModule",{value:true})';

/**
 * The builder's text of an adaptor's own code, for an evaluation a step: without the helpers that copy names one by one,
 * which would take longer than all else of it. `__namespace` is for whoever evaluates it to give.
 */
export const fitted = (own: string): string =>
  own.replace(namespaceImport, "__namespace($1)").replace(exportsCopied, exportsThemselves);
