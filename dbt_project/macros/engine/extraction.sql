{#
    Typed columns out of JSON documents, by declaration: the one extraction of the project.

    Every document is parsed once, by json_table. A value that does not fit its type becomes null (and
    reconciliation reports it): never an error, never a guess. json_table alone would guess, so the JSON path
    filters what may reach a cast: "yes" is no boolean, "today" and "01/02/2024" are no dates, "1_000" and "NaN"
    no numbers; false would become the text f; and without `strict`, [7] would pass for 7. '' and, by rule, 0 are V1's absent values.

    Rules: direct (trim, '' to null, cast), null_if_zero, epoch_ms (milliseconds to timestamptz; 0 is none),
    moment (milliseconds or an ISO day, which begins at midnight in the business time zone), lower, upper, initcap,
    percent (to a fraction of 1), cents (a whole number is cents, any other is units), object_or_bool (an object with
    content is true), digits (the first number in a text); of live sources besides epoch_s (seconds), iso (an ISO 8601
    moment; without a zone it is UTC) and day (the day an ISO text begins with, or milliseconds; as a moment it begins
    at midnight in the business time zone), us_day (the same, also 7/31/2026 and Jul 31, 2026), us_money ($1,200.50). In
    iso and day, years before 1900 are none. Before the rule, the first path that gives a value wins; after it, default.

    within  the array whose elements `relation` lists as its payloads: a column's path `history.*.field` is then
            `field` of an element, and columns of the document itself are left out
    keep    columns of `relation` to hand on as they are
#}
{% macro extract(relation, columns, also=[], within=none, keep=[]) %}
    {% if not execute %}{{ return('select 1') }}{% endif %}  {# the YAML is not read yet #}
    {% set wanted, given = [], ['landed.key::bigint as key', 'landed.payload'] %}
    {% for column in columns + also %}
        {% set paths = column.paths or [] %}
        {% if within %}{% set paths = paths_within(paths, within) %}{% endif %}
        {% if paths == ['id'] %}
            {% do given.append('landed.key::bigint as ' ~ adapter.quote(column.name)) %}
        {% elif paths and '*' not in paths[0] %}
            {% do wanted.append(dict(column, paths=paths)) %}
        {% endif %}
    {% endfor %}
    {% for name in keep %}{% do given.append('landed.' ~ name) %}{% endfor %}
    {{ return(adapter.dispatch('extract')(relation, wanted, given, 'landed.payload')) }}
{% endmacro %}


{#
    The same out of rows a live source landed. Besides the columns each row has what it landed with: account, key,
    request, payload, deleted_at. A path `_request.tier` reads what the request knew, `_account` the account.
#}
{% macro extract_live(relation, columns) %}
    {% set wanted, landing = [], [] %}
    {% for column in columns if column.paths %}
        {% do wanted.append(column) %}
        {% for path in column.paths if path.startswith('_') %}{% do landing.append(path) %}{% endfor %}
    {% endfor %}
    {% set given = ['landed.account', 'landed.key', 'landed.request', 'landed.payload', 'landed.deleted_at'] %}
    {% set with_landing = "landed.payload || jsonb_build_object('_request', landed.request, '_account', landed.account)" %}
    {{ return(adapter.dispatch('extract')(relation, wanted, given, with_landing if landing else 'landed.payload')) }}
{% endmacro %}


{# What is left of paths inside the elements of an array: `history.*.field` within `history` is `field`. #}
{% macro paths_within(paths, array) %}
    {% set inner = [] %}
    {% for path in paths if path.startswith(array ~ '.*.') %}
        {% do inner.append(path[(array | length) + 3:]) %}
    {% endfor %}
    {{ return(inner) }}
{% endmacro %}


{# given: what each row has besides, as SQL over `landed`; document: what json_table reads. #}
{% macro postgres__extract(relation, columns, given, document) -%}
    select
        {{ given | join(',\n        ') }}
        {%- for column in columns %},
        {{ postgres__typed(column) }} as {{ adapter.quote(column.name) }}
        {%- endfor %}
    from {{ relation }} as landed
    {%- if columns %}
    {#- The limit tells Postgres that a document gives one row. It takes json_table for a hundred, and plans for those. #}
    cross join lateral (select * from json_table({{ document }}, '$' columns (
        {%- for column in columns -%}
            {%- set outer_loop = loop -%}
            {%- for path in column.paths %}
        {{ postgres__json_column(column, path, loop.index) }}{{ ',' if not (loop.last and outer_loop.last) }}
            {%- endfor -%}
        {%- endfor %}
    )) limit 1) as doc
    {%- endif %}
{%- endmacro %}


{# The kind of value a column is read as: decides the JSON path's filter and the cast. #}
{% macro value_kind(column) %}
    {% if column.rule in ('object_or_bool',) or column.type == 'jsonb' %}{{ return('json') }}
    {% elif column.rule in ('digits', 'moment', 'iso', 'day', 'us_day', 'us_money') or column.type == 'text' %}{{ return('text') }}
    {% elif column.rule in ('epoch_ms', 'epoch_s') %}{{ return('whole') }}
    {% elif column.type in ('bigint', 'integer') %}{{ return('whole') }}
    {% elif column.type.startswith('numeric') %}{{ return('decimal') }}
    {% elif column.type in ('boolean', 'date') %}{{ return(column.type) }}
    {% endif %}
    {{ exceptions.raise_compiler_error("Column '" ~ column.name ~ "': no extraction for type " ~ column.type ~ ".") }}
{% endmacro %}


{% macro postgres__json_column(column, path, number) %}
    {%- set kind = value_kind(column) -%}
    {%- set filter = {
        'json': '',
        'text': '.string()',
        'whole': ' ? (@.type() == "number" || @ like_regex "^\\\\s*[+-]?[0-9]+\\\\s*$")',
        'decimal': ' ? (@.type() == "number" || @ like_regex "^\\\\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\\\\s*$")',
        'boolean': ' ? (@.type() == "boolean" || @ like_regex "^\\\\s*(true|false)\\\\s*$" flag "i")',
        'date': ' ? (@ like_regex "^\\\\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\\\\s*$")',
    }[kind] -%}
    {%- set type = {'json': 'jsonb', 'text': 'text', 'date': 'text', 'whole': 'bigint', 'decimal': 'numeric'}.get(kind, kind) -%}
    {%- set type = 'integer' if column.type == 'integer' and kind == 'whole' else type -%}
    {{ adapter.quote(column.name ~ '__' ~ number) }} {{ type }} path 'strict ${{ postgres__json_path(path) }}{{ filter }}' null on empty null on error
{%- endmacro %}


{% macro postgres__json_path(path) -%}
    {%- for key in path.split('.') %}{{ '[' ~ key ~ ']' if key.isdigit() else '.' ~ tojson(key) }}{% endfor -%}
{%- endmacro %}


{% macro postgres__typed(column) %}
    {%- set values = [] -%}
    {%- for path in column.paths -%}
        {%- set value = 'doc.' ~ adapter.quote(column.name ~ '__' ~ loop.index) -%}
        {%- do values.append(postgres__converted(column, value)) -%}
    {%- endfor -%}
    {%- if column.default is not none -%}
        {%- do values.append("'" ~ column.default ~ "'::" ~ column.type) -%}
    {%- endif -%}
    {{ 'coalesce(' ~ values | join(', ') ~ ')' if values | length > 1 else values[0] }}
{%- endmacro %}


{% macro postgres__converted(column, value) %}
    {%- set trimmed = "nullif(btrim(" ~ value ~ ", e' \\t\\r\\n'), '')" -%}
    {%- if column.rule == 'epoch_ms' -%}
        {{ postgres__epoch_ms(value) }}
    {%- elif column.rule == 'epoch_s' -%}
        case when {{ value }} between -62135596800 and 253402300799 then {{ postgres__epoch_ms('(' ~ value ~ ' * 1000)') }} end
    {%- elif column.rule == 'iso' -%}
        {{ postgres__iso(trimmed) }}
    {%- elif column.rule == 'day' -%}
        {{ postgres__day(trimmed, column.type) }}
    {%- elif column.rule == 'us_day' -%}
        {%- set midnight = "::timestamp at time zone '" ~ var('business_timezone') ~ "'" -%}
        ({{ written_day(trimmed) }}){{ midnight if column.type == 'timestamptz' }}
    {%- elif column.rule == 'us_money' -%}
        ({{ written_amount(trimmed) }})::{{ column.type }}
    {%- elif column.rule == 'moment' -%}
        {%- set since_epoch = postgres__epoch_ms(trimmed ~ '::bigint') -%}
        {%- set midnight = trimmed ~ "::timestamp at time zone '" ~ var('business_timezone') ~ "'" -%}
        case
            when {{ trimmed }} ~ '^[+-]?[0-9]{1,15}$'
                then {{ business_day(since_epoch) if column.type == 'date' else since_epoch }}
            when {{ trimmed }} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' and pg_input_is_valid({{ trimmed }}, 'date')
                then {{ trimmed ~ '::date' if column.type == 'date' else midnight }}
        end
    {%- elif column.rule == 'object_or_bool' -%}
        case jsonb_typeof({{ value }})
            when 'object' then {{ value }} <> '{}'
            when 'boolean' then {{ value }}::boolean
            else coalesce(lower(btrim({{ value }} #>> '{}')) = 'true', false)
        end
    {%- elif column.rule == 'digits' -%}
        {%- set number = "substring(" ~ value ~ " from '[0-9]+')" -%}
        case when length({{ number }}) < 10 then {{ number }}::integer end
    {%- elif column.rule == 'percent' -%}
        {{ postgres__fitting('(' ~ value ~ ' / 100)', column.type) }}
    {%- elif column.rule == 'cents' -%}
        {{ postgres__fitting('(case when scale(' ~ value ~ ') = 0 then ' ~ value ~ ' / 100 else ' ~ value ~ ' end)', column.type) }}
    {%- elif column.rule == 'null_if_zero' -%}
        nullif({{ postgres__fitting(value, column.type) if column.type.startswith('numeric') else value }}, 0)
    {%- elif column.rule in ('lower', 'upper', 'initcap') -%}
        {{ column.rule }}({{ trimmed }})
    {%- elif column.type == 'text' -%}
        {{ trimmed }}
    {%- elif column.type == 'jsonb' -%}
        case when {{ value }} not in ('""', '{}', '[]', 'null') then {{ value }} end
    {%- elif column.type.startswith('numeric') -%}
        {{ postgres__fitting(value, column.type) }}
    {%- elif column.type == 'date' -%}
        case when pg_input_is_valid({{ trimmed }}, 'date') then {{ trimmed }}::date end
    {%- else -%}
        {{ value }}
    {%- endif -%}
{%- endmacro %}


{% macro postgres__epoch_ms(value) -%}
    case
        when {{ value }} <> 0 and {{ value }} between -62135596800000 and 253402300799999
            -- by day and rest: milliseconds times an interval would pass through a double
            then timestamptz 'epoch' + make_interval(days => ({{ value }} / 86400000)::integer)
                + ({{ value }} % 86400000) * interval '1 millisecond'
    end
{%- endmacro %}


{# 2026-01-03T18:39:55.757Z, an offset or no zone; a blank for the T. Years before 1900 are how systems write "none". #}
{% macro postgres__iso(text) -%}
    case
        when {{ text }} ~ '^(19|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?( ?(Z|z|[+-][0-9]{2}(:?[0-9]{2})?))?$'
            and pg_input_is_valid({{ text }}, 'timestamptz')
            then case
                when substr({{ text }}, 11) ~ '[Zz+-]' then {{ text }}::timestamptz
                else {{ text }}::timestamp at time zone 'UTC'
            end
        when {{ text }} ~ '^(19|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}$' and pg_input_is_valid({{ text }}, 'date')
            then {{ text }}::timestamp at time zone 'UTC'
    end
{%- endmacro %}


{% macro postgres__day(text, type) -%}
    {%- set day = "left(" ~ text ~ ", 10)" -%}
    {%- set moment = postgres__epoch_ms(text ~ '::bigint') -%}
    case
        when {{ text }} ~ '^(19|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}([Tt ].*)?$' and pg_input_is_valid({{ day }}, 'date')
            then {{ day ~ '::date' if type == 'date' else day ~ "::timestamp at time zone '" ~ var('business_timezone') ~ "'" }}
        when {{ text }} ~ '^[0-9]{9,15}$' then {{ business_day(moment) if type == 'date' else moment }}
    end
{%- endmacro %}


{# numeric(p,s): a value with more digits before the point than the type holds is null, not an error. #}
{% macro postgres__fitting(value, type) %}
    {%- set precision, scale = type[8:-1].split(',') | map('trim') | map('int') -%}
    case when abs(round({{ value }}, {{ scale }})) < 1e{{ precision - scale }} then round({{ value }}, {{ scale }})::{{ type }} end
{%- endmacro %}
