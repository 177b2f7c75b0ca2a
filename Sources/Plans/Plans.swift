// The values between binding and running: bound expressions, logical and physical plans. No closures;
// functions are named. They print for EXPLAIN and as text that reads back.
