// The driver of ADBC 1.1.0 that Python and R load: it opens a database directory within the host's
// process and hands over results as Arrow arrays. C calls come in through the table that
// `AdbcDriverInit` fills; `DriverTable+….swift` turn them into calls of the classes `Driver…`.
import CArrow

/// Fills the driver manager's table. `version` is 1.0.0 or 1.1.0; for the former only the first part
/// of the table exists.
@c(AdbcDriverInit)
public func adbcDriverInit(
  _ version: Int32, _ raw: UnsafeMutableRawPointer?, _ error: UnsafeMutablePointer<AdbcError>?
) -> UInt8 {
  guard version == 1_000_000 || version == 1_001_000, let raw else {
    return DriverError(.notImplemented, "ADBC version is not known: \(version)").report(to: error)
  }
  let driver = raw.assumingMemoryBound(to: AdbcDriver.self)
  driver.pointee.release = { driver, _ in
    driver?.pointee.release = nil
    return Status.ok.rawValue
  }
  DriverTable.fillDatabase(driver)
  DriverTable.fillConnection(driver)
  DriverTable.fillMetadata(driver)
  DriverTable.fillStatement(driver)
  if version >= 1_001_000 {
    DriverTable.fillErrors(driver)
    DriverTable.fillOptions(driver)
    DriverTable.fillNewer(driver)
  }
  return Status.ok.rawValue
}

/// The name that driver managers make of `libadbc_driver_zij.so`.
@c(AdbcDriverZijInit)
public func adbcDriverZijInit(
  _ version: Int32, _ raw: UnsafeMutableRawPointer?, _ error: UnsafeMutablePointer<AdbcError>?
) -> UInt8 {
  adbcDriverInit(version, raw, error)
}
