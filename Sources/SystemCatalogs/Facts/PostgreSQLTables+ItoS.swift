/// Tables of PostgreSQL 15's pg_catalog, pg_i… to pg_se…: name, OID and kind, then each column with its type,
/// `!` for NOT NULL. A line that begins with blanks continues the one above.
extension PostgreSQLTables {
  static let tablesItoS = """
    pg_index 2610 r indexrelid:oid! indrelid:oid! indnatts:int2! indnkeyatts:int2!
      indisunique:bool! indnullsnotdistinct:bool! indisprimary:bool! indisexclusion:bool!
      indimmediate:bool! indisclustered:bool! indisvalid:bool! indcheckxmin:bool! indisready:bool!
      indislive:bool! indisreplident:bool! indkey:int2vector! indcollation:oidvector!
      indclass:oidvector! indoption:int2vector! indexprs:pg_node_tree indpred:pg_node_tree
    pg_indexes 12043 v schemaname:name tablename:name indexname:name tablespace:name indexdef:text
    pg_inherits 2611 r inhrelid:oid! inhparent:oid! inhseqno:int4! inhdetachpending:bool!
    pg_init_privs 3394 r objoid:oid! classoid:oid! objsubid:int4! privtype:char!
      initprivs:_aclitem!
    pg_language 2612 r oid:oid! lanname:name! lanowner:oid! lanispl:bool! lanpltrusted:bool!
      lanplcallfoid:oid! laninline:oid! lanvalidator:oid! lanacl:_aclitem
    pg_largeobject 2613 r loid:oid! pageno:int4! data:bytea!
    pg_largeobject_metadata 2995 r oid:oid! lomowner:oid! lomacl:_aclitem
    pg_locks 12073 v locktype:text database:oid relation:oid page:int4 tuple:int2 virtualxid:text
      transactionid:xid classid:oid objid:oid objsubid:int2 virtualtransaction:text pid:int4
      mode:text granted:bool fastpath:bool waitstart:timestamptz
    pg_matviews 12038 v schemaname:name matviewname:name matviewowner:name tablespace:name
      hasindexes:bool ispopulated:bool definition:text
    pg_namespace 2615 r oid:oid! nspname:name! nspowner:oid! nspacl:_aclitem
    pg_opclass 2616 r oid:oid! opcmethod:oid! opcname:name! opcnamespace:oid! opcowner:oid!
      opcfamily:oid! opcintype:oid! opcdefault:bool! opckeytype:oid!
    pg_operator 2617 r oid:oid! oprname:name! oprnamespace:oid! oprowner:oid! oprkind:char!
      oprcanmerge:bool! oprcanhash:bool! oprleft:oid! oprright:oid! oprresult:oid! oprcom:oid!
      oprnegate:oid! oprcode:regproc! oprrest:regproc! oprjoin:regproc!
    pg_opfamily 2753 r oid:oid! opfmethod:oid! opfname:name! opfnamespace:oid! opfowner:oid!
    pg_parameter_acl 6243 r oid:oid! parname:text! paracl:_aclitem
    pg_partitioned_table 3350 r partrelid:oid! partstrat:char! partnatts:int2! partdefid:oid!
      partattrs:int2vector! partclass:oidvector! partcollation:oidvector! partexprs:pg_node_tree
    pg_policies 12018 v schemaname:name tablename:name policyname:name permissive:text roles:_name
      cmd:text qual:text with_check:text
    pg_policy 3256 r oid:oid! polname:name! polrelid:oid! polcmd:char! polpermissive:bool!
      polroles:_oid! polqual:pg_node_tree polwithcheck:pg_node_tree
    pg_prepared_statements 12095 v name:text statement:text prepare_time:timestamptz
      parameter_types:_regtype from_sql:bool generic_plans:int8 custom_plans:int8
    pg_prepared_xacts 12090 v transaction:xid gid:text prepared:timestamptz owner:name
      database:name
    pg_proc 1255 r oid:oid! proname:name! pronamespace:oid! proowner:oid! prolang:oid!
      procost:float4! prorows:float4! provariadic:oid! prosupport:regproc! prokind:char!
      prosecdef:bool! proleakproof:bool! proisstrict:bool! proretset:bool! provolatile:char!
      proparallel:char! pronargs:int2! pronargdefaults:int2! prorettype:oid!
      proargtypes:oidvector! proallargtypes:_oid proargmodes:_char proargnames:_text
      proargdefaults:pg_node_tree protrftypes:_oid prosrc:text! probin:text
      prosqlbody:pg_node_tree proconfig:_text proacl:_aclitem
    pg_publication 6104 r oid:oid! pubname:name! pubowner:oid! puballtables:bool! pubinsert:bool!
      pubupdate:bool! pubdelete:bool! pubtruncate:bool! pubviaroot:bool!
    pg_publication_namespace 6237 r oid:oid! pnpubid:oid! pnnspid:oid!
    pg_publication_rel 6106 r oid:oid! prpubid:oid! prrelid:oid! prqual:pg_node_tree
      prattrs:int2vector
    pg_publication_tables 12068 v pubname:name schemaname:name tablename:name attnames:_name
      rowfilter:text
    pg_range 3541 r rngtypid:oid! rngsubtype:oid! rngmultitypid:oid! rngcollation:oid!
      rngsubopc:oid! rngcanonical:regproc! rngsubdiff:regproc!
    pg_replication_origin 6000 r roident:oid! roname:text!
    pg_replication_origin_status 12332 v local_id:oid external_id:text remote_lsn:pg_lsn
      local_lsn:pg_lsn
    pg_replication_slots 12257 v slot_name:name plugin:name slot_type:text datoid:oid
      database:name temporary:bool active:bool active_pid:int4 xmin:xid catalog_xmin:xid
      restart_lsn:pg_lsn confirmed_flush_lsn:pg_lsn wal_status:text safe_wal_size:int8
      two_phase:bool
    pg_rewrite 2618 r oid:oid! rulename:name! ev_class:oid! ev_type:char! ev_enabled:char!
      is_instead:bool! ev_qual:pg_node_tree! ev_action:pg_node_tree!
    pg_roles 12000 v rolname:name rolsuper:bool rolinherit:bool rolcreaterole:bool
      rolcreatedb:bool rolcanlogin:bool rolreplication:bool rolconnlimit:int4 rolpassword:text
      rolvaliduntil:timestamptz rolbypassrls:bool rolconfig:_text oid:oid
    pg_rules 12023 v schemaname:name tablename:name rulename:name definition:text
    pg_seclabel 3596 r objoid:oid! classoid:oid! objsubid:int4! provider:text! label:text!
    pg_seclabels 12099 v objoid:oid classoid:oid objsubid:int4 objtype:text objnamespace:oid
      objname:text provider:text label:text
    pg_sequence 2224 r seqrelid:oid! seqtypid:oid! seqstart:int8! seqincrement:int8! seqmax:int8!
      seqmin:int8! seqcache:int8! seqcycle:bool!
    pg_sequences 12048 v schemaname:name sequencename:name sequenceowner:name data_type:regtype
      start_value:int8 min_value:int8 max_value:int8 increment_by:int8 cycle:bool cache_size:int8
      last_value:int8
    pg_settings 12104 v name:text setting:text unit:text category:text short_desc:text
      extra_desc:text context:text vartype:text source:text min_val:text max_val:text
      enumvals:_text boot_val:text reset_val:text sourcefile:text sourceline:int4
      pending_restart:bool
    """
}
