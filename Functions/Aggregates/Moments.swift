import Base
import FunctionKit
import Vectors

/// Variances, standard deviations, covariance and correlation.
enum Moments {
  static let functions: [AggregateFunction] =
    spread("var_samp", ["variance"], "variance of a sample", "1", .variance(isSample: true))
    + spread(
      "var_pop", [], "variance of a population", "0.6666666666666666", .variance(isSample: false))
    + spread(
      "stddev_samp", ["stddev"], "standard deviation of a sample", "1", .deviation(isSample: true))
    + spread(
      "stddev_pop", [], "standard deviation of a population", "0.816496580927726",
      .deviation(isSample: false))
    + pair("covar_samp", "covariance of a sample", "2", .covariance(isSample: true))
    + pair(
      "covar_pop", "covariance of a population", "1.3333333333333333", .covariance(isSample: false))
    + pair("corr", "correlation coefficient", "1", .correlation)

  private static let source = "Chan, Golub & LeVeque 1983, Am. Stat. 37, 242"

  private static func spread(
    _ name: String, _ aliases: [String], _ word: String, _ answer: String,
    _ answerKind: MomentState.Answer
  ) -> [AggregateFunction] {
    [
      AggregateFunction(
        name, aliases: aliases, takes: Quantity("x", .double), returns: Quantity(name, .double),
        summary: "Gives the \(word).", details: "NULL for too few values.", source: source,
        examples: [
          Example(
            "SELECT \(name)(x) FROM (VALUES (1), (2), (3)) AS t(x)", gives: answer, within: 1e-15)
        ],
        state: { (_) -> any AggregateState in MomentState(answerKind) })
    ]
  }

  private static func pair(
    _ name: String, _ word: String, _ answer: String, _ answerKind: MomentState.Answer
  ) -> [AggregateFunction] {
    [
      AggregateFunction(
        name, takes: Quantity("y", .double), Quantity("x", .double),
        returns: Quantity(name, .double), summary: "Gives the \(word).",
        details: "Rows where either is NULL are left out.", source: source,
        examples: [
          Example(
            "SELECT \(name)(y, x) FROM (VALUES (2, 1), (4, 2), (6, 3)) AS t(y, x)", gives: answer,
            within: 1e-15)
        ],
        state: { (_) -> any AggregateState in MomentState(answerKind) })
    ]
  }
}

/// Counts, means and centred second moments of one or two variables, updated row by row as Welford
/// does and merged as Chan, Golub and LeVeque do. 48 bytes a group.
final class MomentState: SlidingAggregate {
  enum Answer: Sendable {
    case variance(isSample: Bool)
    case deviation(isSample: Bool)
    case covariance(isSample: Bool)
    case correlation
  }

  struct Moments: BitwiseCopyable {
    var count = 0.0
    var meanX = 0.0
    var meanY = 0.0
    var squareX = 0.0
    var squareY = 0.0
    var product = 0.0

    @inline(__always)
    mutating func add(_ x: Double) {
      count += 1
      let delta = x - meanX
      meanX += delta / count
      squareX += delta * (x - meanX)
    }

    @inline(__always)
    mutating func add(_ x: Double, _ y: Double) {
      count += 1
      let deltaX = x - meanX
      let deltaY = y - meanY
      meanX += deltaX / count
      meanY += deltaY / count
      squareX += deltaX * (x - meanX)
      squareY += deltaY * (y - meanY)
      product += deltaX * (y - meanY)
    }

    mutating func merge(_ other: Moments) {
      if other.count == 0 { return }
      if count == 0 {
        self = other
        return
      }
      let total = count + other.count
      let deltaX = other.meanX - meanX
      let deltaY = other.meanY - meanY
      let weight = count * other.count / total
      squareX += other.squareX + deltaX * deltaX * weight
      squareY += other.squareY + deltaY * deltaY * weight
      product += other.product + deltaX * deltaY * weight
      meanX += deltaX * (other.count / total)
      meanY += deltaY * (other.count / total)
      count = total
    }
  }

  private let states = StateColumn(Moments())
  private let answer: Answer

  init(_ answer: Answer) { self.answer = answer }

  func resize(groupCount: Int) { states.resize(groupCount) }

  func update(_ inputs: [Vector], groups: UnsafePointer<UInt32>, count: Int) throws(SQLError) {
    let states = states.values
    if inputs.count == 1 {
      return ColumnLoops.forEach(inputs[0], Double.self, groups: groups, count: count) {
        (x: Double, group: Int) in states[group].add(x)
      }
    }
    addPairs(inputs, 0..<count) { Int(groups[$0]) }
  }

  func update(_ inputs: [Vector], from start: Int, count: Int, group: Int) throws(SQLError) {
    guard inputs.count == 1 else {
      return addPairs(inputs, start..<start + count) { _ in group }
    }
    // Two passes over the run keep the digits and vectorise; then the run is merged as a whole.
    let run = ColumnLoops.withRun(inputs[0], Double.self, from: start, count: count) {
      (values: UnsafePointer<Double>, kept: Int) -> Moments in Self.ofRun(values, kept)
    }
    states.values[group].merge(run)
  }

  func slide(
    _ inputs: [Vector], over frames: FrameRows, as type: LogicalType
  ) throws(SQLError) -> Vector {
    let hasPairs = inputs.count > 1
    let x = inputs[0].values(as: Double.self)
    let y = inputs[hasPairs ? 1 : 0].values(as: Double.self)
    let mask = ValidityMask.and(
      inputs[0].validity, hasPairs ? inputs[1].validity : nil, count: inputs[0].count)
    let answers = MomentState(answer)
    answers.resize(groupCount: frames.count)
    let out = answers.states.values
    SlidingFrames.forEach(
      frames, zero: Moments(),
      load: { row in
        var single = Moments()
        if mask?.isValid(row) == false { return single }
        if hasPairs { single.add(y[row], x[row]) } else { single.add(x[row]) }
        return single
      },
      combine: { a, b in
        var both = a
        both.merge(b)
        return both
      },
      emit: { out[$0] = $1 })
    return try answers.finish(0..<frames.count, as: type)
  }

  private static func ofRun(_ values: UnsafePointer<Double>, _ count: Int) -> Moments {
    var result = Moments()
    if count == 0 { return result }
    result.count = Double(count)
    result.meanX = RunSum.ofDoubles(values, count: count) / result.count
    var squares = SIMD8<Double>.zero
    let mean = SIMD8<Double>(repeating: result.meanX)
    let raw = UnsafeRawPointer(values)
    var row = 0
    while row &+ 8 <= count {
      let delta = raw.loadUnaligned(fromByteOffset: row &* 8, as: SIMD8<Double>.self) - mean
      squares += delta * delta
      row &+= 8
    }
    result.squareX = squares.sum()
    while row < count {
      let delta = values[row] - result.meanX
      result.squareX += delta * delta
      row &+= 1
    }
    return result
  }

  @inline(__always)
  private func addPairs(_ inputs: [Vector], _ rows: Range<Int>, _ group: (Int) -> Int) {
    let flatY = inputs[0].flattened()
    let flatX = inputs[1].flattened()
    let y = flatY.values(as: Double.self)
    let x = flatX.values(as: Double.self)
    let states = states.values
    for row in rows where !flatY.isNull(row) && !flatX.isNull(row) {
      states[group(row)].add(x[row], y[row])
    }
  }

  func merge(
    _ other: any AggregateState, mapping: UnsafePointer<UInt32>, groups: Range<Int>
  ) throws(SQLError) {
    guard let other = other as? MomentState else { throw StateMismatch.error }
    for group in groups {
      states.values[Int(mapping[group])].merge(other.states.values[group])
    }
  }

  func finish(_ range: Range<Int>, as type: LogicalType) throws(SQLError) -> Vector {
    let mask = ValidityMask(count: range.count, allValid: true)
    let result = Vector(type: type, count: range.count, validity: mask)
    for (row, group) in range.enumerated() {
      let value = value(states.values[group])
      result.values(as: Double.self)[row] = value ?? 0
      if value == nil { mask.setNull(row) }
    }
    return result
  }

  private func value(_ moments: Moments) -> Double? {
    func divided(_ sum: Double, _ isSample: Bool) -> Double? {
      let freedom = moments.count - (isSample ? 1 : 0)
      return freedom > 0 ? sum / freedom : nil
    }
    switch answer {
    case .variance(let isSample): return divided(moments.squareX, isSample)
    case .deviation(let isSample): return divided(moments.squareX, isSample)?.squareRoot()
    case .covariance(let isSample): return divided(moments.product, isSample)
    case .correlation:
      let scale = moments.squareX.squareRoot() * moments.squareY.squareRoot()
      guard moments.count > 0, scale != 0 else { return nil }
      return scale.isNaN ? scale : max(-1, min(1, moments.product / scale))
    }
  }

  var sizeBytes: Int { states.sizeBytes }
  func serialise(groupCount: Int, into out: inout ByteWriter) {
    states.serialise(groupCount, into: &out)
  }
  func deserialise(groupCount: Int, from bytes: inout ByteReader) throws(SQLError) {
    try states.deserialise(groupCount, from: &bytes)
  }
}
