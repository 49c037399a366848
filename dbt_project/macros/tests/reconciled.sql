{# No difference between V1 and this V2 table that nobody accepted. Computed live, whatever recon_* hold. #}
{% test reconciled(model) %}
    {% do ref('recon_exceptions') %}
    {% if execute %}
        select table_name, key, column_name, check_name, kind
        from ({{ differences(entity_node(model.identifier)) }}) as differences
        where not accepted
    {% else %}
        select 1
    {% endif %}
{% endtest %}


{# Every key that the V1 table's documents carry is declared by a column, or accepted. #}
{% test no_unmapped_fields(model, v1_table) %}
    {% do ref('recon_exceptions') %}
    {% if execute %}
        select table_name, column_name, check_name, documents
        from ({{ unmapped_fields(v1_table) }}) as fields
        where not accepted and check_name = 'unmapped_fields'
    {% else %}
        select 1
    {% endif %}
{% endtest %}
