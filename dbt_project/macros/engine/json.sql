{# The elements of a JSON array as a set of rows (value); none when it is no array. #}
{% macro array_elements(json) -%}
    jsonb_array_elements(case when jsonb_typeof({{ json }}) = 'array' then {{ json }} end)
{%- endmacro %}


{# The fields of a JSON object as a set of rows (key, value); none when it is no object. #}
{% macro object_fields(json) -%}
    jsonb_each(case when jsonb_typeof({{ json }}) = 'object' then {{ json }} end)
{%- endmacro %}


{# The elements of an array or the values of an object as a set of rows; none when it is neither. #}
{% macro members(json) -%}
    jsonb_path_query({{ json }}, case jsonb_typeof({{ json }}) when 'array' then '$[*]' else '$.*' end::jsonpath)
{%- endmacro %}
