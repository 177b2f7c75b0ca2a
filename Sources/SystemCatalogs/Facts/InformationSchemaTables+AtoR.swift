/// Views of PostgreSQL 15's information_schema, a… to r…, in the form of `PostgreSQLTables`.
extension InformationSchemaTables {
  static let tablesAtoR = """
    administrable_role_authorizations 13241 v grantee:name role_name:name is_grantable:varchar
    applicable_roles 13236 v grantee:name role_name:name is_grantable:varchar
    character_sets 13250 v character_set_catalog:name character_set_schema:name
      character_set_name:name character_repertoire:name form_of_use:name
      default_collate_catalog:name default_collate_schema:name default_collate_name:name
    check_constraint_routine_usage 13255 v constraint_catalog:name constraint_schema:name
      constraint_name:name specific_catalog:name specific_schema:name specific_name:name
    check_constraints 13260 v constraint_catalog:name constraint_schema:name constraint_name:name
      check_clause:varchar
    collation_character_set_applicability 13270 v collation_catalog:name collation_schema:name
      collation_name:name character_set_catalog:name character_set_schema:name
      character_set_name:name
    collations 13265 v collation_catalog:name collation_schema:name collation_name:name
      pad_attribute:varchar
    column_column_usage 13275 v table_catalog:name table_schema:name table_name:name
      column_name:name dependent_column:name
    column_domain_usage 13280 v domain_catalog:name domain_schema:name domain_name:name
      table_catalog:name table_schema:name table_name:name column_name:name
    column_privileges 13285 v grantor:name grantee:name table_catalog:name table_schema:name
      table_name:name column_name:name privilege_type:varchar is_grantable:varchar
    column_udt_usage 13290 v udt_catalog:name udt_schema:name udt_name:name table_catalog:name
      table_schema:name table_name:name column_name:name
    columns 13295 v table_catalog:name table_schema:name table_name:name column_name:name
      ordinal_position:int4 column_default:varchar is_nullable:varchar data_type:varchar
      character_maximum_length:int4 character_octet_length:int4 numeric_precision:int4
      numeric_precision_radix:int4 numeric_scale:int4 datetime_precision:int4
      interval_type:varchar interval_precision:int4 character_set_catalog:name
      character_set_schema:name character_set_name:name collation_catalog:name
      collation_schema:name collation_name:name domain_catalog:name domain_schema:name
      domain_name:name udt_catalog:name udt_schema:name udt_name:name scope_catalog:name
      scope_schema:name scope_name:name maximum_cardinality:int4 dtd_identifier:name
      is_self_referencing:varchar is_identity:varchar identity_generation:varchar
      identity_start:varchar identity_increment:varchar identity_maximum:varchar
      identity_minimum:varchar identity_cycle:varchar is_generated:varchar
      generation_expression:varchar is_updatable:varchar
    constraint_column_usage 13300 v table_catalog:name table_schema:name table_name:name
      column_name:name constraint_catalog:name constraint_schema:name constraint_name:name
    constraint_table_usage 13305 v table_catalog:name table_schema:name table_name:name
      constraint_catalog:name constraint_schema:name constraint_name:name
    data_type_privileges 13488 v object_catalog:name object_schema:name object_name:name
      object_type:varchar dtd_identifier:name
    domain_constraints 13310 v constraint_catalog:name constraint_schema:name constraint_name:name
      domain_catalog:name domain_schema:name domain_name:name is_deferrable:varchar
      initially_deferred:varchar
    domain_udt_usage 13315 v udt_catalog:name udt_schema:name udt_name:name domain_catalog:name
      domain_schema:name domain_name:name
    domains 13320 v domain_catalog:name domain_schema:name domain_name:name data_type:varchar
      character_maximum_length:int4 character_octet_length:int4 character_set_catalog:name
      character_set_schema:name character_set_name:name collation_catalog:name
      collation_schema:name collation_name:name numeric_precision:int4
      numeric_precision_radix:int4 numeric_scale:int4 datetime_precision:int4
      interval_type:varchar interval_precision:int4 domain_default:varchar udt_catalog:name
      udt_schema:name udt_name:name scope_catalog:name scope_schema:name scope_name:name
      maximum_cardinality:int4 dtd_identifier:name
    element_types 13493 v object_catalog:name object_schema:name object_name:name
      object_type:varchar collection_type_identifier:name data_type:varchar
      character_maximum_length:int4 character_octet_length:int4 character_set_catalog:name
      character_set_schema:name character_set_name:name collation_catalog:name
      collation_schema:name collation_name:name numeric_precision:int4
      numeric_precision_radix:int4 numeric_scale:int4 datetime_precision:int4
      interval_type:varchar interval_precision:int4 domain_default:varchar udt_catalog:name
      udt_schema:name udt_name:name scope_catalog:name scope_schema:name scope_name:name
      maximum_cardinality:int4 dtd_identifier:name
    enabled_roles 13325 v role_name:name
    information_schema_catalog_name 13227 v catalog_name:name
    key_column_usage 13329 v constraint_catalog:name constraint_schema:name constraint_name:name
      table_catalog:name table_schema:name table_name:name column_name:name ordinal_position:int4
      position_in_unique_constraint:int4
    parameters 13334 v specific_catalog:name specific_schema:name specific_name:name
      ordinal_position:int4 parameter_mode:varchar is_result:varchar as_locator:varchar
      parameter_name:name data_type:varchar character_maximum_length:int4
      character_octet_length:int4 character_set_catalog:name character_set_schema:name
      character_set_name:name collation_catalog:name collation_schema:name collation_name:name
      numeric_precision:int4 numeric_precision_radix:int4 numeric_scale:int4
      datetime_precision:int4 interval_type:varchar interval_precision:int4 udt_catalog:name
      udt_schema:name udt_name:name scope_catalog:name scope_schema:name scope_name:name
      maximum_cardinality:int4 dtd_identifier:name parameter_default:varchar
    referential_constraints 13339 v constraint_catalog:name constraint_schema:name
      constraint_name:name unique_constraint_catalog:name unique_constraint_schema:name
      unique_constraint_name:name match_option:varchar update_rule:varchar delete_rule:varchar
    """
}
