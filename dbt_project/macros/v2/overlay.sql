{#
    V2 tables with live rows laid over V1's: newest wins, column by column. docs/live_rows_over_v1.md says how.

    Belongs here: how rows of several sources become one. Does not belong here: which column comes from where (the
    YAML's `path` and `live`), how a value becomes its type (macros/engine/extraction.sql).

    A `live` argument is {source: spec}, a spec
      rows        the landed table, or several, or SQL in parentheses with a landed table's columns
      key         SQL over `doc`: the natural key, as text. Rows without one are left out
      updated_at  SQL over `doc`: when the source last changed the row
      computed    {column: SQL over `doc`} for columns the source declares with rule `computed`
      helpers     helper_columns to extract besides
      joins       how lookups join `doc`: left joins that find at most one row each
      where       SQL over `doc`: which rows count
      prefer      SQL over `doc`: of equally new rows of one key the one where it is greatest (true before false)
    `doc` has the columns the source declares by path, the helpers, and account, key, request, payload, deleted_at.
#}

{#
    A V2 table out of one V1 table and live sources: one row a natural key (and one more for a V1 twin, which stays as
    it is: the oldest twin takes what is laid over). Per column the newest source that declares it wins, V1 counting as
    one that declares all; of equally new ones V1. `_source` says whose row is the newest.

    natural_key  SQL over V2's columns and the helpers, as text; null: nothing is laid over the row
    updated_at   SQL over `doc`: when V1 last changed the row
    live         see above
    helpers      helper_columns to extract from V1 besides
    after        {column: SQL over `merged`} for columns that follow from the merged row, where a column that somebody
                 tells as well has its told value; after_joins joins lookups to it
    The rest is as in v2_entity; lookups serve every part.
#}
{% macro v2_overlay(
    landed, natural_key, updated_at, live,
    parents={}, computed={}, where='true', lookups={}, joins='', helpers=[], after={}, after_joins=''
) %}
    {%- set relation = source('staging_v1', landed) -%}
    {%- do known_ids(parents) -%}
    {%- if not execute -%}{{ return('select 1') }}{%- endif -%}  {# the YAML is not read yet #}
    {%- set columns = declared_columns(model) -%}
    {%- set merged_columns = overlaid_columns(columns, live, after, computed) -%}
    with doc as (
        {{ extract(relation, columns, helpers) }}
    ),
    {{ overlay_lookups(parents, lookups) }}
    v1_told as (
        select
            {%- for column in merged_columns %}
            {{ v1_told(column, parents, computed) }} as {{ adapter.quote(column.name) }},
            {%- endfor %}
            {%- for helper in helpers %}
            doc.{{ adapter.quote(helper.name) }},
            {%- endfor %}
            coalesce({{ updated_at }}, '-infinity') as _at
        from doc
        {{ joins }}
        where {{ where }}
    ),

    v1 as (
        select
            keyed.*,
            case when row_number() over (partition by keyed._natural_key order by keyed.id) = 1 then keyed._natural_key end as _key
        from (select v1_told.*, ({{ natural_key }})::text collate "C" as _natural_key from v1_told) as keyed
    ),
    {{ live_rows(merged_columns, live) }}
    merged as (
        select
            coalesce(v1.id, {{ live_id(model.name, 'live._key') }}) as id,
            {%- for column in merged_columns if column.name != 'id' %}
            {{ newest_value(column, live, with_v1=true) }} as {{ adapter.quote(column.name) }},
            {%- endfor %}
            {{ newest_source(live, with_v1=true) }} as _source
        from v1
        full join live on live._key = v1._key
    )
    {{ overlay_select(columns, after, after_joins) }}
{% endmacro %}


{# A V2 table that only live sources fill; arguments as in v2_overlay, `parents` V2 tables with the V1 table of their ids. #}
{% macro v2_live(live, parents={}, lookups={}, after={}, after_joins='') %}
    {%- do known_ids(parents) -%}
    {%- if not execute -%}{{ return('select 1') }}{%- endif -%}  {# the YAML is not read yet #}
    {%- set columns = declared_columns(model) -%}
    {%- set merged_columns = overlaid_columns(columns, live, after, {}) -%}
    with {{ overlay_lookups(parents, lookups) }}
    {{ live_rows(merged_columns, live) }}
    merged as (
        select
            {{ live_id(model.name, 'live._key') }} as id,
            {%- for column in merged_columns if column.name != 'id' %}
            {{ newest_value(column, live, with_v1=false) }} as {{ adapter.quote(column.name) }},
            {%- endfor %}
            {{ newest_source(live, with_v1=false) }} as _source
        from live
    )
    {{ overlay_select(columns, after, after_joins) }}
{% endmacro %}


{# The columns that V1 or a live source tells; all but those the merged row gives. What cannot work is an error. #}
{% macro overlaid_columns(columns, live, after, computed) %}
    {% set told = [] %}
    {% for column in columns if column.name != '_source'
        and (column.name not in after or column.live or column.name in computed or column.rule != 'computed') %}
        {% do told.append(column) %}
        {% for name, declaration in column.live.items() %}
            {% set where = model.name ~ '.' ~ column.name ~ ', live ' ~ name ~ ': ' %}
            {% set is_computed = column.name in live.get(name, {}).get('computed', {}) %}
            {% if name not in live %}
                {{ exceptions.raise_compiler_error(where ~ 'the model does not read this source.') }}
            {% elif is_computed != (declaration.rule == 'computed') %}
                {{ exceptions.raise_compiler_error(where ~ 'rule computed in the YAML and `computed` in the model go together.') }}
            {% elif column.references and not is_computed %}
                {{ exceptions.raise_compiler_error(where ~ 'a reference must be looked up: rule computed.') }}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% for name, spec in live.items() %}
        {% for computed in spec.get('computed', {}) if name not in ((told | selectattr('name', 'equalto', computed) | first) or {}).get('live', {}) %}
            {{ exceptions.raise_compiler_error(model.name ~ '.' ~ computed ~ ': the model computes it for ' ~ name ~ ', and the YAML does not declare that.') }}
        {% endfor %}
    {% endfor %}
    {{ return(told) }}
{% endmacro %}


{# CTEs of known ids and lookups, each with its comma. #}
{% macro overlay_lookups(parents, lookups) -%}
    {{ known_ids(parents) }}{{ ',' if parents }}
    {%- for name, lookup in lookups.items() %}

    {{ name }} as (
        {{ lookup }}
    ),
    {%- endfor %}
{%- endmacro %}


{# A column as V1 tells it: null where only live sources do. #}
{% macro v1_told(column, parents, computed) -%}
    {%- if column.live and not column.paths and column.name not in computed -%}
        null::{{ column.type }}
    {%- else -%}
        {{ v2_column(column, parents, computed) }}
    {%- endif -%}
{%- endmacro %}


{#
    CTEs `live_<source>`, one row a natural key: of several accounts' rows the newest, and of equally new ones one that
    still stands, then the preferred one, then the first account's. And CTE `live`, one row a natural key, with `<source>__<column>`.
#}
{% macro live_rows(columns, live) %}
    {%- for name, spec in live.items() %}
    {%- set told = [] -%}
    {%- for column in columns if name in column.live -%}
        {%- do told.append(dict(column, paths=column.live[name].paths, rule=column.live[name].rule, default=none)) -%}
    {%- endfor %}
    {{ name }}_landed as (
        {{ extract_live(landed_rows(spec.rows), told + spec.get('helpers', [])) }}
    ),

    live_{{ name }} as (
        select distinct on (told._key) told.*
        from (
            select
                ({{ spec.key }})::text collate "C" as _key,
                coalesce({{ spec.updated_at }}, '-infinity')::timestamptz as _at,
                {%- for column in told %}
                ({{ spec.computed[column.name] if column.rule == 'computed' else 'doc.' ~ adapter.quote(column.name) }})::{{ column.type }} as {{ adapter.quote(column.name) }},
                {%- endfor %}
                {{ spec.get('prefer', 'null::boolean') }} as _preferred,
                doc.account as _account,
                doc.key as _landed_key,
                doc.deleted_at is not null as _is_deleted
            from {{ name }}_landed as doc
            {{ spec.get('joins', '') }}
            where {{ spec.get('where', 'true') }}
        ) as told
        where told._key is not null
        order by told._key, told._at desc, told._is_deleted, told._preferred desc nulls last, told._account, told._landed_key
    ),
    {% endfor %}
    live as (
        select
            _key
            {%- for name in live %},
            live_{{ name }}._at as {{ name }}__at
                {%- for column in columns if name in column.live %},
            live_{{ name }}.{{ adapter.quote(column.name) }} as {{ adapter.quote(name ~ '__' ~ column.name) }}
                {%- endfor %}
            {%- endfor %}
        {%- for name in live %}
        {{ 'from' if loop.first else 'full join' }} live_{{ name }}{{ ' using (_key)' if not loop.first }}
        {%- endfor %}
    ),
{%- endmacro %}


{# One landed table, several, or SQL: as what stands behind `from`. #}
{% macro landed_rows(rows) %}
    {% if rows is not string and rows is sequence %}
        {% set parts = [] %}
        {% for relation in rows %}
            {% do parts.append('select account, key, request, payload, deleted_at from ' ~ relation) %}
        {% endfor %}
        {{ return('(' ~ parts | join(' union all ') ~ ')') }}
    {% endif %}
    {{ return(rows) }}
{% endmacro %}


{#
    The newest value of a column among the sources that declare it. A source that only fills gives its value where it is
    the newest and the others have none: what V1 says stands, also that there is none where V1 is the newest.
#}
{% macro newest_value(column, live, with_v1) -%}
    {%- set telling, filling = ['v1._at'] if with_v1 else [], [] -%}
    {%- set value_of = {'v1._at': 'v1.' ~ adapter.quote(column.name)} -%}
    {%- for name in live if name in column.live -%}
        {%- do (filling if column.live[name].fill and with_v1 else telling).append('live.' ~ name ~ '__at') -%}
        {%- do value_of.update({'live.' ~ name ~ '__at': 'live.' ~ adapter.quote(name ~ '__' ~ column.name)}) -%}
    {%- endfor -%}
    {%- if not telling -%}
        {{ exceptions.raise_compiler_error(model.name ~ '.' ~ column.name ~ ': no source declares it, and `after` does not give it.') }}
    {%- endif -%}
    {%- set told = value_of[telling[0]] if telling | length == 1 else newest_of(telling, value_of) -%}
    {%- for moment in filling -%}
        {%- do value_of.update({moment: 'coalesce(' ~ told ~ ', ' ~ value_of[moment] ~ ')'}) -%}
    {%- endfor -%}
    {%- set value = newest_of(telling + filling, value_of) if filling else told -%}
    {{ value if column.default is none else 'coalesce(' ~ value ~ ", '" ~ column.default ~ "'::" ~ column.type ~ ')' }}
{%- endmacro %}


{% macro newest_of(moments, value_of) -%}
    case greatest({{ moments | join(', ') }})
        {%- for moment in moments %} when {{ moment }} then {{ value_of[moment] }}{% endfor %} end
{%- endmacro %}


{# Whose row is the newest; V1's of equally new ones, then the first that the model names. #}
{% macro newest_source(live, with_v1) -%}
    {%- set moments = ['v1._at'] if with_v1 else [] -%}
    {%- set names = {'v1._at': "'v1'"} -%}
    {%- for name in live -%}
        {%- do moments.append('live.' ~ name ~ '__at') -%}
        {%- do names.update({'live.' ~ name ~ '__at': "'" ~ name ~ "'"}) -%}
    {%- endfor -%}
    {{ newest_of(moments, names) }}
{%- endmacro %}


{% macro overlay_select(columns, after, after_joins) %}
    select
        {%- for column in columns %}
        {{ '(' ~ after[column.name] ~ ')::' ~ column.type if column.name in after else 'merged.' ~ adapter.quote(column.name) }} as {{ adapter.quote(column.name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from merged
    {{ after_joins }}
{% endmacro %}


{# The landing account as a V2 id (of a user, a connection, …), or null where the parent has no such row. #}
{% macro account_id(parent) -%}
    case when doc.account ~ '^[0-9]{1,18}$' then {{ known_or_null('doc.account::bigint', parent) }} end
{%- endmacro %}
