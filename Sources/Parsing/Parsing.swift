// From SQL text to a syntax tree: tokens, a matcher that runs the compiled grammar without recursion, one
// lowering file a grammar file, errors with a place and a hint, completion, and the printer back to SQL.
