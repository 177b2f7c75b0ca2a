/// Powers of ten that are exact in their type.
public enum PowerOfTen {
  /// 10⁰ … 10¹⁹.
  static let uint64: [UInt64] = {
    var powers: [UInt64] = [1]
    while powers.count < 20 { powers.append((powers.last ?? 0) &* 10) }
    return powers
  }()

  /// 10⁰ … 10³⁸.
  public static let int128: [Int128] = {
    var powers: [Int128] = [1]
    while powers.count < 39 { powers.append((powers.last ?? 0) &* 10) }
    return powers
  }()

  /// 10⁰ … 10²², all that a double holds exactly.
  static let double: [Double] = {
    var powers: [Double] = [1]
    while powers.count < 23 { powers.append((powers.last ?? 0) * 10) }
    return powers
  }()
}
