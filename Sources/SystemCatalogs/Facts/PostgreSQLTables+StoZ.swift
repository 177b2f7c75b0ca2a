/// Tables of PostgreSQL 15's pg_catalog, pg_statistic… to the end: name, OID and kind, then each column with its type,
/// `!` for NOT NULL. A line that begins with blanks continues the one above.
extension PostgreSQLTables {
  static let tablesStoZ = """
    pg_statistic 2619 r starelid:oid! staattnum:int2! stainherit:bool! stanullfrac:float4!
      stawidth:int4! stadistinct:float4! stakind1:int2! stakind2:int2! stakind3:int2!
      stakind4:int2! stakind5:int2! staop1:oid! staop2:oid! staop3:oid! staop4:oid! staop5:oid!
      stacoll1:oid! stacoll2:oid! stacoll3:oid! stacoll4:oid! stacoll5:oid! stanumbers1:_float4
      stanumbers2:_float4 stanumbers3:_float4 stanumbers4:_float4 stanumbers5:_float4
      stavalues1:anyarray stavalues2:anyarray stavalues3:anyarray stavalues4:anyarray
      stavalues5:anyarray
    pg_statistic_ext 3381 r oid:oid! stxrelid:oid! stxname:name! stxnamespace:oid! stxowner:oid!
      stxstattarget:int4! stxkeys:int2vector! stxkind:_char! stxexprs:pg_node_tree
    pg_statistic_ext_data 3429 r stxoid:oid! stxdinherit:bool! stxdndistinct:pg_ndistinct
      stxddependencies:pg_dependencies stxdmcv:pg_mcv_list stxdexpr:_pg_statistic
    pg_stats 12053 v schemaname:name tablename:name attname:name inherited:bool null_frac:float4
      avg_width:int4 n_distinct:float4 most_common_vals:anyarray most_common_freqs:_float4
      histogram_bounds:anyarray correlation:float4 most_common_elems:anyarray
      most_common_elem_freqs:_float4 elem_count_histogram:_float4
    pg_stats_ext 12058 v schemaname:name tablename:name statistics_schemaname:name
      statistics_name:name statistics_owner:name attnames:_name exprs:_text kinds:_char
      inherited:bool n_distinct:pg_ndistinct dependencies:pg_dependencies most_common_vals:_text
      most_common_val_nulls:_bool most_common_freqs:_float8 most_common_base_freqs:_float8
    pg_stats_ext_exprs 12063 v schemaname:name tablename:name statistics_schemaname:name
      statistics_name:name statistics_owner:name expr:text inherited:bool null_frac:float4
      avg_width:int4 n_distinct:float4 most_common_vals:anyarray most_common_freqs:_float4
      histogram_bounds:anyarray correlation:float4 most_common_elems:anyarray
      most_common_elem_freqs:_float4 elem_count_histogram:_float4
    pg_subscription 6100 r oid:oid! subdbid:oid! subskiplsn:pg_lsn! subname:name! subowner:oid!
      subenabled:bool! subbinary:bool! substream:bool! subtwophasestate:char!
      subdisableonerr:bool! subconninfo:text! subslotname:name subsynccommit:text!
      subpublications:_text!
    pg_subscription_rel 6102 r srsubid:oid! srrelid:oid! srsubstate:char! srsublsn:pg_lsn
    pg_tables 12033 v schemaname:name tablename:name tableowner:name tablespace:name
      hasindexes:bool hasrules:bool hastriggers:bool rowsecurity:bool
    pg_tablespace 1213 r oid:oid! spcname:name! spcowner:oid! spcacl:_aclitem spcoptions:_text
    pg_timezone_abbrevs 12122 v abbrev:text utc_offset:interval is_dst:bool
    pg_timezone_names 12126 v name:text abbrev:text utc_offset:interval is_dst:bool
    pg_transform 3576 r oid:oid! trftype:oid! trflang:oid! trffromsql:regproc! trftosql:regproc!
    pg_trigger 2620 r oid:oid! tgrelid:oid! tgparentid:oid! tgname:name! tgfoid:oid! tgtype:int2!
      tgenabled:char! tgisinternal:bool! tgconstrrelid:oid! tgconstrindid:oid! tgconstraint:oid!
      tgdeferrable:bool! tginitdeferred:bool! tgnargs:int2! tgattr:int2vector! tgargs:bytea!
      tgqual:pg_node_tree tgoldtable:name tgnewtable:name
    pg_ts_config 3602 r oid:oid! cfgname:name! cfgnamespace:oid! cfgowner:oid! cfgparser:oid!
    pg_ts_config_map 3603 r mapcfg:oid! maptokentype:int4! mapseqno:int4! mapdict:oid!
    pg_ts_dict 3600 r oid:oid! dictname:name! dictnamespace:oid! dictowner:oid! dicttemplate:oid!
      dictinitoption:text
    pg_ts_parser 3601 r oid:oid! prsname:name! prsnamespace:oid! prsstart:regproc!
      prstoken:regproc! prsend:regproc! prsheadline:regproc! prslextype:regproc!
    pg_ts_template 3764 r oid:oid! tmplname:name! tmplnamespace:oid! tmplinit:regproc!
      tmpllexize:regproc!
    pg_type 1247 r oid:oid! typname:name! typnamespace:oid! typowner:oid! typlen:int2!
      typbyval:bool! typtype:char! typcategory:char! typispreferred:bool! typisdefined:bool!
      typdelim:char! typrelid:oid! typsubscript:regproc! typelem:oid! typarray:oid!
      typinput:regproc! typoutput:regproc! typreceive:regproc! typsend:regproc! typmodin:regproc!
      typmodout:regproc! typanalyze:regproc! typalign:char! typstorage:char! typnotnull:bool!
      typbasetype:oid! typtypmod:int4! typndims:int4! typcollation:oid! typdefaultbin:pg_node_tree
      typdefault:text typacl:_aclitem
    pg_user 12014 v usename:name usesysid:oid usecreatedb:bool usesuper:bool userepl:bool
      usebypassrls:bool passwd:text valuntil:timestamptz useconfig:_text
    pg_user_mapping 1418 r oid:oid! umuser:oid! umserver:oid! umoptions:_text
    pg_user_mappings 12327 v umid:oid srvid:oid srvname:name umuser:oid usename:name
      umoptions:_text
    pg_views 12028 v schemaname:name viewname:name viewowner:name definition:text
    """
}
