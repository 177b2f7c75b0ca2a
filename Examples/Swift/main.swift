import Zij

let database = try Database.open(.memory)
let session = database.makeSession()
_ = try session.run(
  "CREATE TABLE stars (name text, ra double precision UNIT 'deg', dec double precision UNIT 'deg')")
_ = try session.run(
  """
  INSERT INTO stars VALUES ('Alcyone', 56.8712, 24.1051), ('Atlas', 57.2906, 24.0534),
    ('Merope', 56.5816, 23.9484), ('Aldebaran', 68.9802, 16.5093)
  """)

// Parameters are values of their own: nothing is pasted into the statement.
let result = try session.run(
  "SELECT name, DISTANCE(ra, dec, 56.75, 24.1167) AS d FROM stars "
    + "WHERE DISTANCE(ra, dec, 56.75, 24.1167) < $1 ORDER BY d", parameters: [.float64(1)])
while let batch = try result.stream?.next() {
  for row in 0..<batch.rowCount {
    if case .text(let name) = batch.columns[0].value(at: row) {
      print(name, batch.columns[1].values(as: Double.self)[row])
    }
  }
}
