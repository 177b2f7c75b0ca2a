let tokensGrammar = #"""

  # Shapes that take rules as arguments.

  List(X)   <- X (',' X)*
  Parens(X) <- '(' X ')'

  # Names. %name is a regular or delimited identifier or a word that the dialect does not reserve;
  # %label is any word in places where no clause can begin.

  Name  "a name" <- %name
  Label "a name" <- %label

  QualifiedName <- Name ('.' Label ('.' Label ('.' Label)?)?)?

  TableName  "a table"  <- QualifiedName
  ColumnName "a column" <- Name
  Columns <- Parens(List(ColumnName))

  # A name that follows an expression or a table must not swallow a clause of the statement.

  Alias     "an alias" <- 'AS' Label / !ClauseAhead Name
  ClauseAhead <- 'CLUSTER' 'BY' / 'WINDOW' Name 'AS'

  # Is the parenthesis ahead the beginning of a query in parentheses? Only the words at its start
  # and, for nested ones, the word after the inner parenthesis are looked at, so the answer costs
  # nothing that grows with the query, and nothing is parsed twice. %group is a whole pair of parentheses.

  QueryAhead <- '(' ( 'SELECT' / 'WITH' / 'VALUES' '(' / &QueryAhead %group QueryGoesOn )
  QueryGoesOn <- ')' / 'ORDER' / 'LIMIT' / 'OFFSET' / 'FETCH' / 'UNION' / 'INTERSECT' / 'EXCEPT'

  # Types.

  TypeName "a type" <- [sql adql] TypeWords TypeArguments? ArraySuffix*
                     / [adql-2.0 adql-2.1] StandardType TypeArguments?
  TypeWords <- 'DOUBLE' 'PRECISION' / 'CHARACTER' 'VARYING'
             / ('TIMESTAMP' / 'TIME') ('WITH' / 'WITHOUT') 'TIME' 'ZONE'
             / Name ('.' Label)?
  StandardType <- 'DOUBLE' 'PRECISION' / 'INTEGER' / 'SMALLINT' / 'BIGINT' / 'REAL'
                / 'CHARACTER' 'VARYING' / 'CHARACTER' / 'CHAR' / 'VARCHAR' / 'TIMESTAMP'
                / 'POINT' / 'CIRCLE' / 'POLYGON'
  TypeArguments <- Parens(List(TypeArgument))
  TypeArgument "a whole number" <- %integer
  ArraySuffix <- '[' %integer? ']'

  """#
