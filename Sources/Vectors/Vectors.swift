// Data in motion: recursive types, vectors of one column, batches of at most 1024 rows, validity masks and
// selections, rows kept for later, and the text forms of numbers, dates and values.
