/// `zij-bench COMMAND [options]`: chooses the command, reports errors, gives the exit code.
enum BenchProgram {
  static let usage = """
    usage: zij-bench kernels [--filter TEXT] [--smoke] [--json FILE]
           zij-bench query --database DIR (--sql TEXT | --file FILE) [--runs N] [--threads N]
                           [--json FILE]
           zij-bench demo --database DIR [--runs N] [--threads N] [--json FILE]
           zij-bench catbench --data DIR [--load] [--runs N] [--threads N] [--only q01,q05]
                              [--answers DIR] [--export DIR] [--queries DIR] [--json FILE]
           zij-bench insert --database DIR [--runs N] [--threads N] [--json FILE]
           zij-bench mixed --data DIR [--seconds N] [--gap MS] [--batch q09,q14,q15]
                           [--threads N] [--queries DIR] [--json FILE]
           zij-bench --help

    kernels  times the loops below SQL over batches in cache, beside memcpy of the same bytes
    query    runs each statement of a text or file N times in this process (default 5)
    demo     runs the demonstration's questions and a few more over its table "gaia"
    catbench runs the catalogue benchmark over the generated tables of a folder, which are loaded
             into its database zij.zij first if that is not there (see Bench/catbench/README.md)
    mixed    times small cone searches, one every --gap ms, alone and while batch queries run

    insert   single-row INSERTs from one session and from many, each a transaction of its own, beside
             the rate at which the disk makes 4 KiB durable; makes DIR and removes its table

      --filter TEXT   only the kernels whose name contains TEXT
      --smoke         one short sample each: shows that all run, measures nothing
      --database DIR  a database directory, which is only read, or :memory:
      --runs N        measured runs of each statement, after one to warm up (1 to 100000)
      --threads N     worker threads (default: one a processor)
      --json FILE     also writes the result as JSON
      --load          loads the tables anew and runs nothing
      --only NAMES    only queries whose names begin with one of these
      --answers DIR   also writes each query's rows there as ORC
      --seconds N     how long each part takes (default 20)
      --gap MS        from the start of one cone search to the next (default 40)
      --batch NAMES   the batch queries, which run one after another, again and again
      --export DIR    where the export query writes (default: the data folder)
      --queries DIR   the queries (default: Bench/catbench/queries/zij)
    """

  static func run(_ arguments: [String]) -> Int32 {
    do {
      let options = try BenchOptions(arguments)
      switch options.command {
      case .help: Terminal.say(usage)
      case .kernels: try KernelsCommand(options).run()
      case .query: try QueryCommand(options).run()
      case .demo: try QueryCommand(options).runDemo()
      case .insert: try InsertCommand(options).run()
      case .catbench: try CatBenchCommand(options).run()
      case .mixed: try MixedCommand(options).run()
      }
      return 0
    } catch let error as OptionError {
      Terminal.complain("zij-bench: \(error.message)\n\(usage)")
    } catch {
      Terminal.complain("zij-bench: \(error)")
    }
    return 1
  }
}
