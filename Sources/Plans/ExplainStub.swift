public enum ExplainText {
  public static func lines(of plan: LogicalPlan) -> [String] { [] }
  public static func lines(of plan: PhysicalPlan, annotations: [String]?) -> [String] { annotations ?? [] }
}
