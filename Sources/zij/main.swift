import Glibc

exit(ShellProgram.run(CommandLine.arguments))
