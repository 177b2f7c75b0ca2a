// HTTP/1.1: requests, responses with streamed bodies, forms, and a server over libmicrohttpd behind
// the protocol `HTTPServer`. A request that waits holds no thread; a body that is not read stops.
