import Base
import Testing

@Suite("simulated disk")
struct SimDiskTests {
  private func write(_ bytes: [UInt8], _ path: String, _ disk: SimDisk, sync: Bool) throws {
    let file = try disk.create(path, replacing: true)
    try bytes.withUnsafeBytes { try file.write($0) }
    if sync { try file.sync() }
  }

  @Test(
    "contents survive with sync, names with syncDirectory", arguments: [false, true], [false, true])
  func durability(contents: Bool, names: Bool) throws {
    let disk = SimDisk(seed: 1)
    try write([1, 2, 3], "a", disk, sync: contents)
    if names { try disk.syncDirectory("") }
    #expect(disk.reopened(.keepAll).contents(of: "a") == [1, 2, 3])
    let left = disk.reopened(.loseUnsynced)
    #expect(left.contents(of: "a") == (names ? (contents ? [1, 2, 3] : []) : nil))
    #expect(left.kind(of: "a") == (names ? .file : nil))
  }

  @Test("a rename happens as a whole, a lost folder takes its files along")
  func names() throws {
    let disk = SimDisk(seed: 1)
    try write([1], "a", disk, sync: true)
    try disk.syncDirectory(".")
    try disk.rename("a", to: "/b")
    try disk.createDirectory("d")
    try write([2], "d/x", disk, sync: true)
    try disk.syncDirectory("d/")
    #expect(try disk.list("/") == ["b", "d"])
    #expect(try disk.reopened(.loseUnsynced).list("") == ["a"])
    #expect(try disk.reopened().list("") == ["b", "d"])
    #expect(try disk.reopened().reopened(.loseUnsynced).list("") == ["a"])
    try disk.syncDirectory("")
    #expect(try disk.reopened(.loseUnsynced).list("") == ["b", "d"])
  }

  @Test("tearing keeps whole sectors, and never touches what was synced")
  func tearing() throws {
    var lengths: Set<Int> = []
    var lostInside = 0
    for seed in 0..<200 {
      let disk = SimDisk(seed: UInt64(seed))
      let file = try disk.create("a", replacing: false)
      try [UInt8](repeating: 1, count: 700).withUnsafeBytes { try file.write($0) }
      try file.sync()
      try disk.syncDirectory("")
      try [UInt8](repeating: 2, count: 2000).withUnsafeBytes { try file.write($0) }
      let left = try #require(disk.reopened(.tearRandomly).contents(of: "a"))
      #expect(left.count >= 700 && left.count <= 2700)
      #expect(left.prefix(700).allSatisfy { $0 == 1 })
      for start in stride(from: 1024, to: left.count, by: 512) {
        let sector = Set(left[start..<min(start + 512, left.count)])
        #expect(sector == [0] || sector == [2])
        if sector == [0] { lostInside += 1 }
      }
      lengths.insert(left.count)
    }
    #expect(lengths.contains(700) && lengths.contains(2700) && lengths.count > 10)
    #expect(lostInside > 50)
  }

  @Test("a crash stops that operation and all later ones")
  func crash() throws {
    let disk = SimDisk(seed: 1)
    disk.crash(after: 3, mode: .loseUnsynced)
    try disk.createDirectory("a")
    try disk.syncDirectory("")
    #expect(throws: SQLError.self) { try disk.createDirectory("b") }
    #expect(disk.hasCrashed)
    #expect(throws: SQLError.self) { try disk.list("") }
    #expect(throws: SQLError.self) { try disk.syncDirectory("") }
    #expect(try disk.reopened().list("") == ["a"])
    #expect(disk.reopened().operationCount == 0)
  }

  @Test("a failed sync loses the bytes for good")
  func failedSync() throws {
    let disk = SimDisk(seed: 1)
    let file = try disk.create("a", replacing: false)
    try disk.syncDirectory("")
    try [1, 2].withUnsafeBytes { try file.write($0) }
    disk.failOperation(disk.operationCount + 1, .inputOutput)
    #expect(throws: SQLError.self) { try file.sync() }
    #expect(throws: SQLError.self) { try file.sync() }
    let size = try disk.open("a").sizeBytes
    let again = try disk.append(to: "a", keeping: size)
    try again.sync()
    let left = try #require(disk.reopened(.loseUnsynced).contents(of: "a"))
    #expect(left.allSatisfy { $0 == 0 } && left.count == size)
  }

  @Test("the capacity holds, and a refused write leaves a part")
  func capacity() throws {
    let disk = SimDisk(seed: 1, capacityBytes: 10)
    try write([UInt8](repeating: 1, count: 8), "a", disk, sync: true)
    let file = try disk.create("b", replacing: false)
    let error = #expect(throws: SQLError.self) {
      try [UInt8](repeating: 1, count: 3).withUnsafeBytes { try file.write($0) }
    }
    #expect(error?.state == .diskFull)
    #expect(disk.contents(of: "b")?.count == 2)
    try disk.remove("a")
    try write([UInt8](repeating: 1, count: 8), "c", disk, sync: true)
    #expect(disk.usedBytes == 10)
  }

  @Test("planned failures hit the operation they name, with their class")
  func faults() throws {
    for (fault, state) in [(SimDisk.Fault.noSpace, SQLState.diskFull), (.inputOutput, .ioError)] {
      let disk = SimDisk(seed: 1)
      disk.failOperation(2, fault)
      try disk.createDirectory("a")
      let error = #expect(throws: SQLError.self) { try disk.createDirectory("b") }
      #expect(error?.state == state)
      #expect(error?.message.contains("\"b\"") == true)
      try disk.createDirectory("b")
    }
  }

  @Test("the same seed tears the same way, another one differently")
  func deterministic() throws {
    func left(_ seed: UInt64) throws -> [[UInt8]?] {
      let disk = SimDisk(seed: seed)
      for index in 0..<20 {
        try write([UInt8](repeating: 1, count: 4000), "f\(index)", disk, sync: index % 2 == 0)
      }
      let after = disk.reopened(.tearRandomly)
      return (0..<20).map { after.contents(of: "f\($0)") }
    }
    #expect(try left(1) == left(1))
    #expect(try left(1) != left(2))
  }

  @Test("an open file outlives its name")
  func unlinked() throws {
    let disk = SimDisk(seed: 1)
    try write([1, 2, 3], "a", disk, sync: true)
    let file = try disk.open("a")
    try disk.remove("a")
    #expect(try file.read(at: 1, count: 2).bytes == [2, 3])
    #expect(throws: SQLError.self) { try file.read(at: 1, count: 3) }
    #expect(throws: SQLError.self) { try disk.open("a") }
  }
}
