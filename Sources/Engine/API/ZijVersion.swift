/// The version of the library and of everything built on it.
public enum ZijVersion {
  public static let text = "0.1.0"
}
