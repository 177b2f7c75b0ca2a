import Vectors

struct ChunkCacheKey: Hashable, Sendable {
  let segment: Int
  let group: Int
  let column: Int
}

/// A part of the cache that one lock guards: slots in a ring, and a hand that goes round.
struct ChunkCacheShard {
  /// What an entry costs besides its vector's values, roughly.
  static let overheadBytes = 256

  private var places: [ChunkCacheKey: Int] = [:]
  private var slots: [Slot?] = []
  private var freeSlots: [Int] = []
  private var hand = 0

  private struct Slot {
    let key: ChunkCacheKey
    let vector: Vector
    let sizeBytes: Int
    var wasUsed: Bool
  }

  mutating func find(_ key: ChunkCacheKey) -> Vector? {
    guard let place = places[key] else { return nil }
    slots[place]?.wasUsed = true
    return slots[place]?.vector
  }

  /// Bytes added: none if another thread was faster.
  mutating func insert(_ key: ChunkCacheKey, _ vector: Vector, sizeBytes: Int) -> Int {
    guard places[key] == nil else { return 0 }
    // Not yet used: a scan that passes once must not drive out what is read again and again.
    let slot = Slot(key: key, vector: vector, sizeBytes: sizeBytes, wasUsed: false)
    if let free = freeSlots.popLast() {
      slots[free] = slot
      places[key] = free
    } else {
      places[key] = slots.count
      slots.append(slot)
    }
    return sizeBytes
  }

  /// Removes entries until `wanted` bytes are free or nothing is left; gives the bytes freed.
  mutating func evict(atLeast wanted: Int) -> Int {
    var freed = 0
    while freed < wanted, !places.isEmpty {
      if hand >= slots.count { hand = 0 }
      if slots[hand]?.wasUsed == true {
        slots[hand]?.wasUsed = false
      } else {
        freed += remove(hand)
      }
      hand += 1
    }
    return freed
  }

  mutating func removeAll() -> Int {
    let freed = slots.reduce(0) { $0 + ($1?.sizeBytes ?? 0) }
    self = ChunkCacheShard()
    return freed
  }

  private mutating func remove(_ place: Int) -> Int {
    guard let slot = slots[place] else { return 0 }
    places[slot.key] = nil
    slots[place] = nil
    freeSlots.append(place)
    return slot.sizeBytes
  }
}
