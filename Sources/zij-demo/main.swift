import Glibc

exit(DemoCommand.run(Array(CommandLine.arguments.dropFirst())))
