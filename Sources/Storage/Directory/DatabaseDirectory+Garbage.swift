import Base

extension DatabaseDirectory {
  func unpin(_ version: UInt64) {
    let mayRemove = shared.withLock { shared in
      let count = (shared.pinCounts[version] ?? 1) - 1
      shared.pinCounts[version] = count > 0 ? count : nil
      return count == 0 && !shared.condemned.isEmpty
    }
    if mayRemove { removeCondemned() }
  }

  /// Removes the files that neither the state nor any pin refers to.
  ///
  /// Failing to is no error: the next start finds them.
  func removeCondemned() {
    let paths = shared.withLock { shared -> [String] in
      if shared.isClosed || shared.readOnlyReason != nil { return [] }
      let oldest = shared.pinCounts.keys.min() ?? .max
      let free = shared.condemned.filter { $0.version <= oldest }
      shared.condemned.removeAll { $0.version <= oldest }
      return free.map(\.path)
    }
    if paths.isEmpty { return }
    var folders: Set<String> = []
    for path in paths {
      try? disk.remove(absolute(path))
      let sidecar = absolute(SegmentPath.sidecar(of: path))
      if disk.kind(of: sidecar) != nil { try? disk.remove(sidecar) }
      if let slash = path.lastIndex(of: "/") { folders.insert(String(path[..<slash])) }
    }
    let live = Set(state.tables.map { "tables/" + $0.id })
    for folder in folders.sorted() where !live.contains(folder) {
      // Not empty if a dropped table is still being loaded.
      if (try? disk.list(absolute(folder)))?.isEmpty == true {
        try? disk.removeDirectory(absolute(folder))
      }
    }
  }
}

extension DatabaseDirectory.CondemnedFile {
  /// The files that `before` refers to and `next` does not.
  static func between(_ before: DatabaseState, _ next: DatabaseState) -> [Self] {
    var kept: [String: Set<String>] = [:]
    for table in next.tables { kept[table.id] = Set(table.segments.flatMap(\.paths)) }
    var gone: [Self] = []
    for table in before.tables {
      for path in table.segments.flatMap(\.paths) where kept[table.id]?.contains(path) != true {
        gone.append(Self(path: path, version: next.version))
      }
    }
    return gone
  }
}

// MARK: - At the start

extension DatabaseDirectory {
  /// Removes what an earlier process left: scratch data, unpublished and unreferenced files.
  ///
  /// Works as far as it can; what resists is left for the next start.
  func sweep() {
    removeTemporaryFiles()
    var live: Set<String> = []
    for table in state.tables {
      for segment in table.segments {
        live.formUnion(segment.paths)
        live.insert(SegmentPath.sidecar(of: segment.path))
      }
    }
    var strays = Strays()
    findStrays("tables", live: live, depth: 0, &strays)
    for path in strays.unpublished { try? disk.remove(absolute(path)) }
    if !strays.unreferenced.isEmpty {
      // The state that does not mention them must outlive them.
      guard (try? makeDurable()) != nil else { return }
      for path in strays.unreferenced { try? disk.remove(absolute(path)) }
    }
    removeEmptyTableFolders()
  }

  private struct Strays {
    var unpublished: [String] = []
    var unreferenced: [String] = []
  }

  private static let maximumDepth = 16

  private func findStrays(
    _ folder: String, live: Set<String>, depth: Int, _ strays: inout Strays
  ) {
    guard depth < Self.maximumDepth, let names = try? disk.list(absolute(folder)) else { return }
    for name in names {
      let path = folder + "/" + name
      // A link may lead anywhere; what is behind it is not ours to remove.
      if disk.isLink(absolute(path)) { continue }
      switch disk.kind(of: absolute(path)) {
      case .directory: findStrays(path, live: live, depth: depth + 1, &strays)
      case .file where live.contains(path): break
      case .file where name.hasPrefix("_"): strays.unpublished.append(path)
      case .file: strays.unreferenced.append(path)
      case .other, nil: break
      }
    }
  }

  /// Only what has a name of ours: anybody may have put something else there.
  private func removeTemporaryFiles() {
    guard let names = try? disk.list(absolute("temp")) else { return }
    for name in names where TemporaryName.isOurs(name) { try? disk.remove(absolute("temp/" + name)) }
  }

  private func removeEmptyTableFolders() {
    let live = Set(state.tables.map(\.id))
    guard let names = try? disk.list(absolute("tables")) else { return }
    for name in names where !live.contains(name) {
      let folder = absolute("tables/" + name)
      guard disk.kind(of: folder) == .directory, (try? disk.list(folder))?.isEmpty == true else {
        continue
      }
      try? disk.removeDirectory(folder)
    }
  }
}
