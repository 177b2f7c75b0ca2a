import Base
public struct LikePattern: Sendable {
  public init(_ pattern: String, escape: String = "\\", ignoringCase: Bool = false) throws(SQLError) {}
  public func matches(_ text: UnsafeRawBufferPointer) -> Bool { false }
}
