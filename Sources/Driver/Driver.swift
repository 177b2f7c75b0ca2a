// The other end of PostgreSQL's protocol: a client that connects to a server, ours or PostgreSQL
// itself, runs statements one at a time and gives results as batches.
