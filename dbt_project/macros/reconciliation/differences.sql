{#
    Every difference between V1 and one V2 table, in one full join: rows V2 lacks or has too many, references
    that dangle, values that would not cast, values that differ, and natural keys that occur twice.

    A row that a live source tells newer than V1, or that only one has, is no difference: V2 is a superset. What V1 holds
    and V2 could not take (rejected, orphan) is told of those rows too.

    Columns: table_name, key, v1_key, column_name, check_name, kind, v1_value (the raw text), v2_value, accepted,
    reason. Used by recon_live_differences and by the `reconciled` test, so the two cannot disagree.
#}
{% macro differences(node) %}
    {% set columns = comparable_columns(declared_columns(node)) %}
    {% set name = node.name %}
    {% set v2 = api.Relation.create(database=target.database, schema=node.schema, identifier=node.alias) %}
    select
        found.*,
        coalesce(exception.reason is not null, false) as accepted,
        exception.reason
    from (
        select
            '{{ name }}'::text as table_name,
            coalesce(v1.key, v2.key) as key,
            v1.v1_key,
            difference.column_name,
            case difference.kind
                when 'missing' then 'missing_records'
                when 'extra' then 'extra_records'
                when 'orphan' then 'orphan_references'
                when 'rejected' then 'rejected_values'
                else 'field_mismatches'
            end as check_name,
            difference.kind,
            difference.v1_value,
            difference.v2_value
        from (
            select documents.key, documents.v1_key, {{ v1_follows_live(node) }} as is_live, typed.*
            from ({{ v1_rows(node) }}) as documents
            cross join lateral (
                select
                    true as found
                    {%- for column in columns -%}
                        {%- for path in column.paths %},
                    {{ "v1_key" if path == 'id' else v1_raw(path) }} as {{ adapter.quote('raw_' ~ column.name ~ '_' ~ loop.index) }}
                        {%- endfor -%}
                    {%- endfor %}
                offset 0
            ) as raws
            cross join lateral (
                select
                    {%- for column in columns %}
                    {{ v1_column(column) }}{{ ',' if not loop.last }}
                    {%- endfor %}
                offset 0
            ) as typed
        ) as v1
        full join (
            select
                ({{ node.config.meta.v1.key or 'id' }})::text as key,
                {{ v2_follows_live(node) }} as is_live
                {%- for column in columns %}, {{ adapter.quote(column.name) }}{% endfor %}
            from {{ v2 }}
        ) as v2 on v2.key = v1.key
        cross join lateral (
            values
            (
                null,
                case
                    when v2.key is null then case when not v1.is_live then 'missing' end
                    when v1.key is null and not v2.is_live then 'extra'
                end,
                null, null
            )
            {%- for column in columns %},
            (
                '{{ column.name }}',
                {{ difference_kind(column) }},
                {%- set shown = "'(secret)'" if column.secret else none %}
                {{ shown or 'v1.' ~ adapter.quote('raw_' ~ column.name) }},
                {{ shown or 'v2.' ~ adapter.quote(column.name) ~ '::text' }}
            )
            {%- endfor %}
        ) as difference (column_name, kind, v1_value, v2_value)
        where
            (
                v1.key is null or v2.key is null
                or ({% for column in columns %}{{ v1_expected(column) }}{{ ', ' if not loop.last }}{% endfor %})
                is distinct from ({% for column in columns %}v2.{{ adapter.quote(column.name) }}{{ ', ' if not loop.last }}{% endfor %})
                {%- for column in columns if v1_rejected(column) != 'false' %}
                or {{ v1_rejected(column) }}
                {%- endfor %}
            )
            and difference.kind is not null
        {%- for column in declared_columns(node) if column.natural_key %}
        union all
        select '{{ name }}', twins.id::text, null, '{{ column.name }}', 'duplicate_keys', 'duplicate', null, twins.id || ' repeats ' || twins.first_id
        from (
            select
                id,
                first_value(id) over (partition by {{ adapter.quote(column.name) }} order by id) as first_id
            from {{ v2 }}
            where {{ adapter.quote(column.name) }} is not null
        ) as twins
        where twins.id <> twins.first_id
        {%- endfor %}
        {%- for column in declared_columns(node) if column.not_null %}
        union all
        select '{{ name }}', id::text, null, '{{ column.name }}', 'contract_violations', 'not_null', null, null
        from {{ v2 }}
        where {{ adapter.quote(column.name) }} is null
        {%- endfor %}
        {%- for column in declared_columns(node) if column.accepted_values %}
        union all
        select '{{ name }}', id::text, null, '{{ column.name }}', 'contract_violations', 'accepted_values', null, null
        from {{ v2 }}
        where {{ adapter.quote(column.name) }}::text not in ('{{ column.accepted_values | join("', '") }}')
        {%- endfor %}
    ) as found
    {{ join_exceptions('found') }}
{% endmacro %}


{# A column's value by V1's own conversion, before its default, and its raw text. #}
{% macro v1_column(column) -%}
    {%- if column.expected -%}
        {%- set texts = ['(' ~ column.expected ~ ')::text'] -%}
        {%- for path in column.paths -%}
            {%- set raw = 'raws.' ~ adapter.quote('raw_' ~ column.name ~ '_' ~ loop.index) -%}
            {%- do texts.append("nullif(" ~ raw ~ ", '0')" if column.rule == 'null_if_zero' else raw) -%}
        {%- endfor %}
        ({{ column.expected }})::{{ column.type }} as {{ adapter.quote(column.name) }},
        coalesce({{ texts | join(', ') }}) as {{ adapter.quote('raw_' ~ column.name) }}
    {%- else -%}
        {%- set raws, values = [], [] -%}
        {%- for path in column.paths -%}
            {%- set raw = 'raws.' ~ adapter.quote('raw_' ~ column.name ~ '_' ~ loop.index) -%}
            {%- do raws.append(raw) -%}
            {%- do values.append(v1_cast(column, raw, path)) -%}
        {%- endfor -%}
        coalesce({{ values | join(', ') }}) as {{ adapter.quote(column.name) }},
        coalesce({{ raws | join(', ') }}) as {{ adapter.quote('raw_' ~ column.name) }}
    {%- endif -%}
{%- endmacro %}


{# What V2 should hold before dangling references are taken out: V1's value, else the column's default. #}
{% macro v1_expected(column) -%}
    {%- set value = 'v1.' ~ adapter.quote(column.name) -%}
    {{ value if column.default is none else "coalesce(" ~ value ~ ", '" ~ column.default ~ "'::" ~ column.type ~ ")" }}
{%- endmacro %}


{% macro difference_kind(column) -%}
    {%- set v1, v2 = v1_expected(column), 'v2.' ~ adapter.quote(column.name) -%}
    case
        when v1.key is null or v2.key is null then null
        when {{ v1_rejected(column) }} and {{ v2 }} is not distinct from {{ v1 }} then 'rejected'
        when {{ v1 }} is not distinct from {{ v2 }} then null
        {%- set parent = parent_node(column.references) %}
        {%- if parent %}
            {%- set known_to_v1 -%}
                exists (select from {{ staging(parent.config.meta.v1.table) }} as parent where parent.key = {{ v1 }}::text)
            {%- endset %}
        when {{ v2 }} is null and not {{ known_to_v1 }} then 'orphan'
            {%- if is_overlaid(parent) %}
        when {{ is_live_id(v2) }} and not {{ known_to_v1 }} then null  -- found among the rows only live sources have
            {%- endif %}
        {%- endif %}
        when v2.is_live then null
        when coalesce({{ v1 }}::text, '') = '' and coalesce({{ v2 }}::text, '') = '' then 'null_vs_empty'
        when btrim({{ v1 }}::text, '"') = btrim({{ v2 }}::text, '"') then 'type_only'
        else 'real'
    end
{%- endmacro %}


{# Does a live source have a say in this model's rows? #}
{% macro is_overlaid(node) %}
    {{ return('_source' in node.columns) }}
{% endmacro %}

{% macro is_live_id(id) -%}
    {{ id }} >= 4503599627370496
{%- endmacro %}


{#
    Is a V2 row newer than what V1 says? Its `_source` tells, or that of a row it follows from: `meta.v1.follows` lists
    such rows as {table, column, doc}: the table, the column with its id, and SQL over the V1 side's `doc` for the same.
#}
{% macro v2_follows_live(node) -%}
    (
        {{- "_source <> 'v1'" if is_overlaid(node) else 'false' }}
        {%- for parent in node.config.meta.v1.follows or [] %}
        or coalesce({{ parent.column }} in ({{ told_live(parent.table) }}), false)
        {%- endfor -%}
    )
{%- endmacro %}

{% macro v1_follows_live(node) -%}
    (
        false
        {%- for parent in node.config.meta.v1.follows or [] %}
        or coalesce(({{ parent.doc }})::bigint in ({{ told_live(parent.table) }}), false)
        {%- endfor -%}
    )
{%- endmacro %}

{% macro told_live(table) -%}
    select id from {{ api.Relation.create(database=target.database, schema='v2', identifier=table) }} where _source <> 'v1'
{%- endmacro %}


{# The model a reference points to, or none while it is not built. #}
{% macro parent_node(table) %}
    {% for node in entity_nodes() if node.name == table %}{{ return(node) }}{% endfor %}
    {{ return(none) }}
{% endmacro %}


{# Accepted differences are people's words in seeds/recon_exceptions.csv; one past its day counts no more. #}
{% macro join_exceptions(found) %}
    left join lateral (
        select listed.reason from {{ ref('recon_exceptions') }} as listed
        where listed.check_name = {{ found }}.check_name
            and listed.table_name = {{ found }}.table_name
            and {{ found }}.column_name is not distinct from listed.column_name
            and coalesce({{ found }}.key, '') like coalesce(listed.key_pattern, '%')
            and listed.expires_on >= {{ as_of() }}
            {%- if env_var('HEADWATER_WORLD', 'sandbox') != 'sandbox' %}
            and listed.applies_to = 'everywhere'
            {%- endif %}
        order by listed.expires_on desc
        limit 1
    ) as exception on true
{% endmacro %}


{# The keys of a V1 table that hold secrets, as a list of SQL literals. #}
{% macro secret_keys(v1_table) -%}
    {%- set keys = [] -%}
    {%- for node in entity_nodes() if node.config.meta.v1.table == v1_table -%}
        {%- for column in declared_columns(node) if column.secret -%}
            {%- for path in column.paths -%}{%- do keys.append("'" ~ path ~ "'") -%}{%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ keys | unique | sort | join(', ') }}
{%- endmacro %}
