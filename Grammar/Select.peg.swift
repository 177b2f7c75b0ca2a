let selectGrammar = #"""

  # WITH stands at the very beginning only in ADQL 2.1, in any query elsewhere.

  TopQuery <- ([adql-2.1] With)? Query

  Query "a query" <- ([sql adql] With)? Body OrderBy?
                     ([sql adql] Limits / [adql-2.1] StandardOffset?)

  With <- 'WITH' ([sql adql] Recursive)? List(CommonTable)
  Recursive <- 'RECURSIVE'
  CommonTable <- Name Columns? 'AS' '(' Query ')'

  # INTERSECT binds tighter than the others; the lowering sees to that.

  Body <- BodyPart ([sql adql adql-2.1] MoreParts)?
  MoreParts <- (SetOperator BodyPart)+
  BodyPart <- Select / [sql adql] Values / NestedQuery
  SetOperator <- ('UNION' / Intersect / Except) (AllRows / 'DISTINCT')?
  Intersect <- 'INTERSECT'
  Except <- 'EXCEPT'
  AllRows <- 'ALL'
  NestedQuery <- &QueryAhead '(' Query ')'

  Select <- 'SELECT' Quantifier? Top? List(SelectItem)
            ([sql adql] From? / [adql-2.0 adql-2.1] From)
            Where? GroupBy? Having? ([sql adql] Windows)?

  Quantifier <- 'ALL' / Distinct
  Distinct <- 'DISTINCT'
  Top <- 'TOP' Count
  Count "a whole number" <- %integer / [sql adql] Parameter

  SelectItem <- AllColumns / Expression Alias?
  AllColumns <- (Name '.' (Label '.' (Label '.')?)?)? '*'

  From <- 'FROM' List(TableReference)
  TableReference <- TableFactor Join*

  TableFactor <- [sql adql] Lateral / DerivedTable / NestedJoin / [sql adql] FileTable / NamedTable
  DerivedTable <- &QueryAhead '(' Query ')'
                  ([sql adql] TableAlias? / [adql-2.0 adql-2.1] TableAlias)
  Lateral <- 'LATERAL' '(' Query ')' TableAlias?
  NestedJoin <- '(' TableReference ')'
  FileTable <- FileName FileOptions? TableAlias?
  FileName "a file name in quotes" <- %string
  NamedTable <- TableName ([sql adql] TableArguments ([sql adql] WithOrdinality)?)? TableAlias?
              / [sql adql] 'LATERAL' TableName TableArguments WithOrdinality? TableAlias?
  WithOrdinality <- 'WITH' 'ORDINALITY'
  TableArguments <- '(' List(Expression)? ')'
  TableAlias <- Alias ([sql adql] Columns)?

  Join <- Natural JoinKind? 'JOIN' TableFactor
        / [sql adql] Cross 'JOIN' TableFactor
        / JoinKind? 'JOIN' TableFactor JoinCondition
  JoinKind <- 'INNER' / LeftJoin / RightJoin / FullJoin
  Natural   <- 'NATURAL'
  Cross     <- 'CROSS'
  LeftJoin  <- 'LEFT' 'OUTER'?
  RightJoin <- 'RIGHT' 'OUTER'?
  FullJoin  <- 'FULL' 'OUTER'?
  JoinCondition <- On / Using
  On    <- 'ON' Expression
  Using <- 'USING' Columns

  Where   <- 'WHERE' Expression
  GroupBy <- 'GROUP' 'BY' List(Expression)
  Having  <- 'HAVING' Expression

  Windows <- 'WINDOW' List(NamedWindow)
  NamedWindow <- Name 'AS' WindowSpecification

  OrderBy <- 'ORDER' 'BY' List(SortItem)
  SortItem <- Expression ('ASC' / Descending)? ([sql adql] NullsFirst / [sql adql] NullsLast)?
  Descending <- 'DESC'
  NullsFirst <- 'NULLS' 'FIRST'
  NullsLast  <- 'NULLS' 'LAST'

  Limits <- (Limit Offset? / Fetch Offset? / Offset (Limit / Fetch)?)?
  Limit  <- 'LIMIT' ('ALL' !'(' / Expression)
  Offset <- 'OFFSET' Expression ('ROWS' / 'ROW')?
  Fetch  <- 'FETCH' ('FIRST' / 'NEXT') (!('ROWS' / 'ROW') Expression)? ('ROWS' / 'ROW') 'ONLY'
  StandardOffset <- 'OFFSET' Count

  Values <- 'VALUES' List(Row)
  Row <- Parens(List(Expression))

  """#
