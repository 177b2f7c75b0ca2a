// What a function is: one value with names, typed and unit-ed parameters, summary, source, examples, NULL
// rule and kernel. Resolution, documentation, `\df` and tests derive from these values.
