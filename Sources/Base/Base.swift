// What everything stands on: errors with SQLSTATE, place and hint; bytes and checksums; the `Disk`
// through which all files are reached; threads, clocks and random numbers as protocols; and the context
// that every query carries: class, cancellation, deadline, memory account, warnings, progress.
