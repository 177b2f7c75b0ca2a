import Foundation

// zij-slt: runs sqllogictest files in this process and says what failed.
//
//     zij-slt [--disk] [--corpus] [--quiet] PATH…
//
// A folder stands for all *.slt and *.test files below it. Every file has a database of its own, in
// memory or, with --disk, in a directory. Exit status 1 if anything failed.
exit(SQLRunner.run(Array(CommandLine.arguments.dropFirst())))
