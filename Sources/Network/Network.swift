// Sockets for the servers: one thread waits for all connections, a pool of a few threads does what they ask
// for, TLS from OpenSSL. An idle connection, and one that waits for rows or for its client, holds no thread.
