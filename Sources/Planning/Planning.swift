// From syntax tree to physical plan: the binder gives names and types, rules rewrite (one file each), the
// physical planner chooses operators.
