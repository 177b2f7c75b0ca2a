let statementsGrammar = #"""

  Statement "a statement"
    <- TopQuery
     / [sql adql] Explain
     / [sql] Fragment
     / [sql adql] SetTransaction
     / [sql adql] SetCharacteristics
     / [sql adql] Set
     / [sql adql] Reset
     / [sql adql] Show
     / [sql] CreateTable
     / [sql] DropTable
     / [sql] Insert
     / [sql] Update
     / [sql] Delete
     / [sql] Truncate
     / [sql] Checkpoint
     / [sql] Copy
     / [sql adql] Begin
     / [sql adql] Start
     / [sql adql] Commit
     / [sql adql] End
     / [sql adql] Rollback
     / [sql adql] Abort
     / [sql adql] Savepoint
     / [sql adql] Release

  # Tables.

  CreateTable <- 'CREATE' 'TABLE' IfNotExists? TableName TableContents
  TableContents <- ColumnDefinitions ClusterBy? AsQuery? / ClusterBy? AsQuery
  AsQuery <- 'AS' Query ClusterBy?
  IfNotExists <- 'IF' 'NOT' 'EXISTS'
  ColumnDefinitions <- Parens(List(ColumnDefinition))
  ColumnDefinition <- Name (!ColumnOption TypeName)? ColumnOption*
  ColumnOption <- NotNull / 'NULL' / Unit / UCD / Utype / Description
  NotNull     <- 'NOT' 'NULL'
  Unit        <- 'UNIT' %string
  UCD         <- 'UCD' %string
  Utype       <- 'UTYPE' %string
  Description <- ('DESCRIPTION' / 'COMMENT') %string
  ClusterBy <- 'CLUSTER' 'BY' (Sky / Unclustered / Columns)
  Unclustered <- 'NONE'
  Sky <- 'SKY' '(' ColumnName ',' ColumnName ')'

  DropTable <- 'DROP' 'TABLE' IfExists? List(TableName)
  IfExists <- 'IF' 'EXISTS'

  Insert <- 'INSERT' 'INTO' TableName (!QueryAhead Columns)? Query

  Update   <- 'UPDATE' TableName (!'SET' Alias)? 'SET' List(Assignment) Where?
  Assignment <- ColumnName '=' (Default / Expression)
  Delete   <- 'DELETE' 'FROM' TableName Alias? Where?
  Truncate <- 'TRUNCATE' 'TABLE'? List(TableName)
  Checkpoint <- 'CHECKPOINT'

  # Files in and out.

  Copy <- 'COPY' (Subquery CopyTo / TableName Columns? (CopyIn / CopyTo))
          'WITH'? (FileOptions / LegacyOption+)?
  CopyIn <- CopyFrom InputFile
  CopyTo <- 'TO' OutputFile
  CopyFrom <- 'FROM'
  InputFile  <- FileName / 'STDIN'
  OutputFile <- FileName / 'STDOUT'
  FileOptions <- Parens(List(FileOption))
  FileOption <- Label ('=>' FileSetting / FileSetting)?
  FileSetting "a value" <- SettingList / Setting
  SettingList <- Parens(List(Setting))
  LegacyOption <- CSV / Binary / Header
                / ('DELIMITER' / 'NULL' / 'QUOTE' / 'ESCAPE') 'AS'? %string
  CSV    <- 'CSV'
  Binary <- 'BINARY'
  Header <- 'HEADER'

  # Transactions.

  Begin  <- 'BEGIN' Work? TransactionModes?
  Start  <- 'START' 'TRANSACTION' TransactionModes?
  Commit <- 'COMMIT' Work?
  End    <- 'END' Work?
  Rollback <- 'ROLLBACK' Work? ToSavepoint?
  Abort  <- 'ABORT' Work?
  Savepoint <- 'SAVEPOINT' Name
  Release   <- 'RELEASE' 'SAVEPOINT'? Name
  SetTransaction <- 'SET' 'TRANSACTION' TransactionModes
  SetCharacteristics <- 'SET' 'SESSION' 'CHARACTERISTICS' 'AS' 'TRANSACTION' TransactionModes
  Work <- 'WORK' / 'TRANSACTION'
  ToSavepoint <- 'TO' 'SAVEPOINT'? Name
  TransactionModes <- TransactionMode (','? TransactionMode)*
  TransactionMode <- 'ISOLATION' 'LEVEL' IsolationLevel / 'READ' ('ONLY' / 'WRITE')
                   / 'NOT'? 'DEFERRABLE'
  IsolationLevel <- 'SERIALIZABLE' / 'REPEATABLE' 'READ' / 'READ' ('COMMITTED' / 'UNCOMMITTED')

  # Plans and settings.

  Explain <- 'EXPLAIN' (Analyze / !QueryAhead '(' ExplainOption ')')? Query
  ExplainOption <- Analyze / Fragments
  Fragments <- 'FRAGMENTS' %integer
  Analyze <- 'ANALYZE'

  # A part of a query, for a node that computes it; EXPLAIN (FRAGMENTS n) writes all parts of one.

  Fragment <- 'FRAGMENT' %integer 'OF' %integer 'AT' %string Query

  Set <- 'SET' Name ('=' / 'TO') (Default / Setting)
  Default <- 'DEFAULT'
  Setting "a value" <- Sign? (%integer / %decimal) / %string / True / False / Word
  Sign <- '-' / '+'
  Word <- %label
  Reset <- 'RESET' Label
  Show <- 'SHOW' ('ALL' / Name)

  """#
