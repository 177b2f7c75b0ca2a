import Base
import Engine
import Formats
import Testing

@Suite("COPY to a file")
struct CopyTargetTests {
  @Test("touches no other file, leaves none, and is durable")
  func target() throws {
    let disk = SimDisk(seed: 1)
    try disk.createDirectory("/rows")
    disk.place(Array("mine".utf8), at: "/rows/a.csv.part")
    try disk.syncDirectory("/rows")
    try disk.syncDirectory("/")
    var options = DatabaseOptions()
    options.workerCount = 1
    options.disk = disk
    options.writers = FormatRegistry.writers
    let session = try Database(.memory, options: options).makeSession()
    #expect(try session.run("COPY (SELECT 7 AS a) TO '/rows/a.csv'").tag == "COPY 1")
    #expect(throws: SQLError.self) {
      _ = try session.run("COPY (SELECT 1 / (3 - g) AS a FROM generate_series(1, 5) t(g)) TO '/rows/b.csv'")
    }
    for disk in [disk, disk.reopened(.loseUnsynced)] {
      #expect(try disk.list("/rows") == ["a.csv", "a.csv.part"])
      #expect(disk.contents(of: "/rows/a.csv") == Array("a\n7\n".utf8))
      #expect(disk.contents(of: "/rows/a.csv.part") == Array("mine".utf8))
    }
  }
}
