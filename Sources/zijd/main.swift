import Glibc

exit(ServerProgram.run(CommandLine.arguments))
