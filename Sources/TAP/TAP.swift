// The Virtual Observatory's Table Access Protocol (TAP 1.1) over HTTP: synchronous queries, UWS
// jobs, and the documents that describe the service and its tables (VOSI, VODataService, TAPRegExt).
