{#
    For kinds of record that state no moment of change. What such a source lists is how things are: a row of it is newer
    than V1's exactly when it tells something else. A row that tells the same leaves V1's as it is, so that it stays
    compared with V1; and no clock of ours has a part in it.
#}

{#
    The lookup for `told_otherwise`: what V1 tells, by natural key; of twins the older. Columns are names of V2 columns
    that V1 gives by path; `also` is {name: SQL over `doc`, V1's typed row}.
#}
{% macro told_by_v1(natural_key, columns, also={}) %}
    select distinct on (natural_key) *
    from (
        select
            ({{ natural_key }})::text as natural_key,
            doc.id
            {%- for column in columns %},
            doc.{{ adapter.quote(column) }}
            {%- endfor %}
            {%- for name, value in also.items() %},
            {{ value }} as {{ name }}
            {%- endfor %}
        from doc
    ) as keyed
    where natural_key is not null
    order by natural_key, id
{% endmacro %}


{#
    The moment of such a row: the end of time where it tells something else, or something new. `told` is {V1's column:
    SQL over `doc`}, the lookup is joined as `told`; `blanks` {column: what is as good as no value}.
#}
{% macro told_otherwise(told, blanks={}) -%}
    {%- set live, v1 = [], [] -%}
    {%- for column, value in told.items() -%}
        {%- for values, side in [(live, value), (v1, 'told.' ~ adapter.quote(column))] -%}
            {%- do values.append('coalesce(' ~ side ~ ', ' ~ blanks[column] ~ ')' if column in blanks else side) -%}
        {%- endfor -%}
    {%- endfor -%}
    case when told.id is null or ({{ live | join(', ') }}) is distinct from ({{ v1 | join(', ') }}) then timestamptz 'infinity' end
{%- endmacro %}
