import Base

/// PATCHED_BASE of RLEv2: small values above a base, a few of them patched with high bits.
///
/// Layout: 2 bits kind (2), 5 bits width code, 9 bits `count - 1`, 3 bits `baseBytes - 1`, 5 bits
/// patch width code, 3 bits `gapWidth - 1`, 5 bits patch count; the base, big-endian with a sign
/// bit and a magnitude; the values less the base, bit-packed; the patches (gap, high bits),
/// bit-packed in the next width that has a code. A patch of 0 after 255 values only carries the gap
/// further. The specification's example of 20 values begins `8e 13 2b 21 07 d0`.
enum PatchedBase {
  static let maximumPatchCount = 31
  static let maximumGap = 255

  /// How a run would be laid out; nil fields never occur.
  struct Layout {
    var width: Int
    var patchWidth: Int
    var gapWidth: Int
    var baseByteCount: Int
    var patches: [UInt64]

    var patchEntryWidth: Int { BitWidth.holding(gapWidth + patchWidth) }
  }

  static func encodedSizeBytes(_ layout: Layout, count: Int) -> Int {
    4 + layout.baseByteCount + BitPacking.sizeBytes(count, width: layout.width)
      + BitPacking.sizeBytes(layout.patches.count, width: layout.patchEntryWidth)
  }

  /// Bytes for a magnitude and a sign bit.
  static func baseByteCount(_ base: Int64) -> Int { (BitWidth.bits(of: base.magnitude) + 8) >> 3 }

  /// The cheapest layout for values above `base`, or nil if patches do not help or do not fit.
  ///
  /// - Parameter histogram: how many of the values need each number of bits, 0 to 64.
  static func layout(
    base: Int64, adjusted: UnsafePointer<UInt64>, count: Int, histogram: [Int]
  ) -> Layout? {
    guard let widest = histogram.lastIndex(where: { $0 > 0 }), widest <= 56,
      base.magnitude < 1 << 55
    else { return nil }
    var best: (size: Int, width: Int)?
    var patchCount = 0
    for bits in stride(from: widest - 1, through: 1, by: -1) {
      patchCount += histogram[bits + 1]
      if patchCount > maximumPatchCount { break }
      guard BitWidth.holding(bits) == bits else { continue }
      let entry = BitWidth.holding(8 + BitWidth.holding(widest - bits))
      let size = BitPacking.sizeBytes(count, width: bits) + (patchCount * entry + 7) / 8
      if size < best?.size ?? .max { best = (size, bits) }
    }
    guard let best else { return nil }
    return layout(
      base: base, adjusted: adjusted, count: count, width: best.width, widest: widest)
  }

  private static func layout(
    base: Int64, adjusted: UnsafePointer<UInt64>, count: Int, width: Int, widest: Int
  ) -> Layout? {
    let patchWidth = BitWidth.holding(widest - width)
    var gaps: [(gap: Int, patch: UInt64)] = []
    var last = 0
    for i in 0..<count where adjusted[i] >> UInt64(width) != 0 {
      while i - last > maximumGap {
        gaps.append((maximumGap, 0))
        last += maximumGap
      }
      gaps.append((i - last, adjusted[i] >> UInt64(width)))
      last = i
    }
    guard gaps.count <= maximumPatchCount, let widestGap = gaps.map(\.gap).max() else { return nil }
    let gapWidth = max(1, BitWidth.bits(of: UInt64(widestGap)))
    guard gapWidth + patchWidth <= 64, width + patchWidth <= 64 else { return nil }
    return Layout(
      width: width, patchWidth: patchWidth, gapWidth: gapWidth,
      baseByteCount: baseByteCount(base),
      patches: gaps.map { UInt64($0.gap) << UInt64(patchWidth) | $0.patch })
  }

  /// - Parameter adjusted: the values less the base, cut to the layout's width here.
  static func encode(
    _ layout: Layout, base: Int64, adjusted: UnsafeMutablePointer<UInt64>, count: Int,
    into out: inout ByteWriter
  ) {
    RunHeader.append(
      kind: .patchedBase, widthCode: BitWidth.code(ofWidth: layout.width), count, into: &out)
    out.append(
      UInt8((layout.baseByteCount - 1) << 5 | BitWidth.code(ofWidth: layout.patchWidth)))
    out.append(UInt8((layout.gapWidth - 1) << 5 | layout.patches.count))
    let sign: UInt64 = base < 0 ? 1 << UInt64(layout.baseByteCount * 8 - 1) : 0
    let head = UInt64(base.magnitude) | sign
    for i in (0..<layout.baseByteCount).reversed() {
      out.append(UInt8(truncatingIfNeeded: head >> UInt64(i * 8)))
    }
    let mask = (UInt64(1) << UInt64(layout.width)) &- 1
    for i in 0..<count { adjusted[i] &= mask }
    BitPacking.pack(adjusted, count: count, width: layout.width, into: &out)
    layout.patches.withUnsafeBufferPointer {
      guard let start = $0.baseAddress else { return }
      BitPacking.pack(start, count: $0.count, width: layout.patchEntryWidth, into: &out)
    }
  }

  /// - Parameter scratch: room for `maximumPatchCount` numbers.
  static func decode(
    _ cursor: StreamCursor, count: Int, into out: UnsafeMutablePointer<Int64>,
    scratch: UnsafeMutablePointer<Int64>
  ) throws(SQLError) {
    try cursor.ensure(4)
    let width = BitWidth.width(ofCode: Int(cursor.next[0] >> 1))
    let baseByteCount = Int(cursor.next[2] >> 5) + 1
    let patchWidth = BitWidth.width(ofCode: Int(cursor.next[2]))
    let gapWidth = Int(cursor.next[3] >> 5) + 1
    let patchCount = Int(cursor.next[3] & 31)
    cursor.next += 4
    let head = try cursor.readBigEndian(byteCount: baseByteCount)
    let sign: UInt64 = 1 << UInt64(baseByteCount * 8 - 1)
    let magnitude = Int64(bitPattern: head & ~sign)
    let base = head & sign == 0 ? magnitude : 0 &- magnitude
    try BitPacking.unpack(cursor, count: count, width: width, into: out)
    if patchCount > 0 {
      guard gapWidth + patchWidth <= 64, width + patchWidth <= 64 else {
        throw cursor.corrupt("patches of \(patchWidth) bits on values of \(width)")
      }
      try patch(
        cursor, patchCount: patchCount, gapWidth: gapWidth, patchWidth: patchWidth, width: width,
        count: count, out, scratch)
    }
    for i in 0..<count { out[i] &+= base }
  }

  private static func patch(
    _ cursor: StreamCursor, patchCount: Int, gapWidth: Int, patchWidth: Int, width: Int, count: Int,
    _ out: UnsafeMutablePointer<Int64>, _ scratch: UnsafeMutablePointer<Int64>
  ) throws(SQLError) {
    let entryWidth = BitWidth.holding(gapWidth + patchWidth)
    try BitPacking.unpack(cursor, count: patchCount, width: entryWidth, into: scratch)
    var index = 0
    for i in 0..<patchCount {
      let entry = UInt64(bitPattern: scratch[i])
      index += Int(entry >> UInt64(patchWidth) & 255)
      let bits = entry & ((1 << UInt64(patchWidth)) &- 1)
      guard index < count else { throw cursor.corrupt("patch of value \(index) of \(count)") }
      out[index] |= Int64(bitPattern: bits << UInt64(width))
    }
  }
}
