// The PostgreSQL protocol, version 3, without sockets: messages of both directions as values, SCRAM, rows and
// COPY streams as bytes, and the server's side of a conversation: bytes in, bytes and steps out.
