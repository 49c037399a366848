{#
    Raw tables of the property systems: landed fields under the names and in the types that the YAML declares. A path
    names a field of the payload, `a > b` one inside it (`0` is a list's first); `_account`, `_extracted_at`,
    `_request > a` and `_parameter > a` (of the file, see raw_parameters) say what the row itself does not. Of several
    paths the first that says something counts. A row's JSON is opened once.

    Belongs here: opening it. Does not belong here: casts (raw_values.sql), the choice of rows (raw_landed.sql).
#}

{#
    The rows of a raw table as landed: every declared column with a path, and account, key, payload.
    `also` are helper_columns besides. As text: every value as it landed, for the test of what could not be read.
#}
{% macro raw_rows(table, also=[], as_text=false) %}
    {%- set landed = raw_landed(table) -%}
    {%- if not execute -%}{{ return('select 1') }}{%- endif -%}  {# the YAML is not read yet #}
    {%- set columns = declared_columns(node_of(table)) | selectattr('paths') | list + also -%}
    {%- set fields = {} -%}
    {%- for column in columns -%}
        {%- for path in column.paths if not path.startswith('_') -%}
            {%- set field, inner = path.split(' > ')[0], ' > ' in path -%}
            {%- do fields.update({field: 'jsonb' if inner or fields.get(field) == 'jsonb' else 'text'}) -%}
        {%- endfor -%}
    {%- endfor %}
    select
        told.account,
        told.key,
        told.payload
        {%- for column in columns %},
        {%- set text = 'told.' ~ adapter.quote(column.name) %}
        {{ text if as_text else raw_value(text, column) }} as {{ adapter.quote(column.name) }}
        {%- endfor %}
    from (
        select
            landed.account,
            landed.key,
            landed.payload
            {%- for column in columns %},
            {{ raw_text(column) }} as {{ adapter.quote(column.name) }}
            {%- endfor %}
        from ({{ landed }}) as landed
        {%- if fields %}
        cross join lateral jsonb_to_record(landed.payload) as doc (
            {%- for name, type in fields.items() %}{{ adapter.quote(name) }} {{ type }}{{ ', ' if not loop.last }}{% endfor -%}
        )
        {%- endif %}
        offset 0  -- a text is looked for once, however often its cast names it
    ) as told
{% endmacro %}


{# The text of a column: the first of its paths that says something. #}
{% macro raw_text(column) %}
    {%- if column.paths == ['_extracted_at'] -%}{{ return('landed.extracted_at') }}{%- endif -%}
    {%- set texts = [] -%}
    {%- for path in column.paths -%}
        {%- do texts.append(raw_day_of_parts(path) if column.rule == 'parts' else raw_field(path)) -%}
    {%- endfor -%}
    {{ return(texts[0] if texts | length == 1 else 'coalesce(' ~ texts | join(', ') ~ ')') }}
{% endmacro %}


{# The text at a path. #}
{% macro raw_field(path) %}
    {%- set steps = path.split(' > ') -%}
    {%- if path == '_account' -%}
        {{ return('landed.account') }}
    {%- elif steps[0] in ('_request', '_parameter') -%}
        {{ return('landed.' ~ {'_request': 'request', '_parameter': 'parameters'}[steps[0]] ~ " ->> '" ~ steps[1] ~ "'") }}
    {%- elif steps | length == 1 -%}
        {{ return('doc.' ~ adapter.quote(path)) }}
    {%- endif -%}
    {{ return('doc.' ~ adapter.quote(steps[0]) ~ " #>> array['" ~ steps[1:] | join("', '") ~ "']") }}
{% endmacro %}


{# The day that an element says by its attributes @Year, @Month and @Day, as text; zeros are none. #}
{% macro raw_day_of_parts(path) %}
    {%- set year, month, day = raw_field(path ~ ' > @Year'), raw_field(path ~ ' > @Month'), raw_field(path ~ ' > @Day') -%}
    {{ return("case when btrim(" ~ year ~ ", '0 ') <> '' then concat_ws('/', " ~ month ~ ", " ~ day ~ ", " ~ year ~ ") end") }}
{% endmacro %}


{#
    A raw table with one row a landed row. `computed` gives SQL over `doc` for columns without a path, or instead of it;
    `also` are helper_columns, `windows` name SQL over `rows`, what a row's neighbours say; lookups are CTEs, which `joins`
    joins to `doc`: at most one row each.
#}
{% macro raw_table(table, computed={}, also=[], windows={}, lookups={}, joins='', where='true') %}
    {%- set rows = raw_rows(table, also) -%}
    {%- if not execute -%}{{ return(rows) }}{%- endif %}
    with doc as (
        {%- if windows %}
        select
            rows.*
            {%- for name, window in windows.items() %},
            {{ window }} as {{ name }}
            {%- endfor %}
        from (
            {{ rows }}
        ) as rows
        {%- else %}
        {{ rows }}
        {%- endif %}
    )
    {%- for name, query in lookups.items() %},

    {{ name }} as (
        {{ query }}
    )
    {%- endfor %}

    select
        {%- for column in declared_columns(node_of(table)) %}
        {% if column.name in computed -%}
            ({{ computed[column.name] }})::{{ column.type }}
        {%- elif column.paths -%}
            doc.{{ adapter.quote(column.name) }}
        {%- else -%}
            null::{{ column.type }}
        {%- endif %} as {{ adapter.quote(column.name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from doc
    {{ joins }}
    where {{ where }}
{% endmacro %}
