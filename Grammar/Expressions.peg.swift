let expressionsGrammar = #"""

  # Levels from the loosest to the tightest, as PostgreSQL has them. README.md explains the words.

  Expression "an expression" <- Operators {
    or              many    'OR'
    and             many    'AND'
    not             before  'NOT'
    test            after   Is
    comparison      once    '=' '<>' '!=' '<=' '>=' '<' '>'
    predicate       after   Between In Like
    other           many    '||' [sql adql] '|' [sql adql] '&' [sql adql] '#'
                            [sql adql] '<<' [sql adql] '>>' [sql adql] '~' [sql adql] '!~'
                            [sql adql] '~*' [sql adql] '!~*'
    complement      before  [sql adql] '~'
    additive        many    '+' '-'
    multiplicative  many    '*' '/' [sql adql] '%'
    sign            before  '-' '+'
    suffix          after   [sql adql] TypeCast [sql adql] Subscript [sql adql] FieldAccess
                            [sql adql] Collate
    primary         operand Primary
    literal         alone   %integer %decimal %string
  }

  Is <- 'IS' Not? (Null / [sql adql] True / [sql adql] False / [sql adql] Unknown / [sql adql] DistinctFrom)
  DistinctFrom <- 'DISTINCT' 'FROM' Expression@comparison
  Between <- Not? 'BETWEEN' Expression@other 'AND' Expression@other
  In <- Not? 'IN' (Subquery / Parens(List(Expression)))
  Like <- Not? ('LIKE' / [sql adql adql-2.1] Ilike) Expression@other
          ([sql adql] Escape)?
  Ilike <- 'ILIKE'
  Escape <- 'ESCAPE' Expression@other
  Not <- 'NOT'

  TypeCast <- '::' TypeName
  Subscript <- '[' (SliceEnd / Expression SliceEnd?) ']'
  SliceEnd <- ':' Expression?
  FieldAccess <- '.' Label
  Collate <- 'COLLATE' QualifiedName

  Primary <- [sql adql] TypedLiteral / Literal
           / [sql adql] Parameter
           / [sql adql] Quantified
           / [sql adql] Case
           / [sql adql adql-2.1] Cast
           / Exists
           / [sql adql] Array
           / [sql adql] Subquery
           / Parenthesised
           / Call
           / Column

  Literal <- %integer / %decimal / %string / Null / [sql adql] True / [sql adql] False
  Null    <- 'NULL'
  True    <- 'TRUE'
  False   <- 'FALSE'
  Unknown <- 'UNKNOWN'
  TypedLiteral <- ('DATE' / 'TIMESTAMP' / 'TIME' / 'INTERVAL') %string
  Parameter "a parameter" <- %parameter

  Case <- 'CASE' CaseOperand? When+ Else? 'END'
  CaseOperand <- Expression
  When <- 'WHEN' Expression 'THEN' Expression
  Else <- 'ELSE' Expression

  Cast <- 'CAST' '(' Expression 'AS' TypeName ')'
  Exists <- 'EXISTS' Subquery
  Array <- 'ARRAY' (Subquery / '[' List(Expression)? ']')
  Subquery <- &QueryAhead '(' Query ')'
  Parenthesised <- '(' Expression ')'

  # `= ANY (…)`: stands only behind a comparison; the binder says so where it does not.

  Quantified "ANY or ALL" <- ('ANY' / 'SOME' / AllOf) (Subquery / '(' Expression ')')
  AllOf <- 'ALL'

  # %function: any name, and reserved words that functions are called by, such as LEFT.

  Call <- FunctionName Arguments ([sql adql] Filter)? ([sql adql] Over)?
  FunctionName "a function" <- FunctionWord ('.' Label ('.' Label)?)?
  FunctionWord <- %function
  Arguments <- '(' (Star / Quantifier? List(Expression) ([sql adql] OrderBy)?)? ')'
  Star <- '*'
  Filter <- 'FILTER' '(' 'WHERE' Expression ')'

  Over <- 'OVER' (WindowSpecification / WindowName)
  WindowName "a window" <- Name
  WindowSpecification <- '(' BaseWindow? PartitionBy? OrderBy? Frame? ')'
  BaseWindow <- !WindowWord Name
  WindowWord <- 'PARTITION' / 'ORDER' / 'ROWS' / 'RANGE' / 'GROUPS'
  PartitionBy <- 'PARTITION' 'BY' List(Expression)
  Frame <- (RowsFrame / GroupsFrame / 'RANGE') ('BETWEEN' FrameBound 'AND' FrameBound / FrameBound)
  RowsFrame <- 'ROWS'
  GroupsFrame <- 'GROUPS'
  FrameBound <- Unbounded (Preceding / 'FOLLOWING') / CurrentRow
              / Expression@other (Preceding / 'FOLLOWING')
  Unbounded <- 'UNBOUNDED'
  CurrentRow <- 'CURRENT' 'ROW'
  Preceding <- 'PRECEDING'

  Column "a column" <- QualifiedName

  """#
