public struct HEALPixRange: Hashable, Sendable { public var lower: Int64; public var upper: Int64 }
public struct BoundingCap: Hashable, Sendable {}
