{#
    What a model's YAML declares about its columns, as one list of dictionaries. Everything that derives from a
    declaration (extraction, keys, tests, reconciliation, drift) reads it through here.

    Keys of a column: name, type, description;
      paths       V1 keys, best first: `path: a` or `path: [a, b]`; `a.*.b` lies inside every element of a
      rule        how the text becomes the type: see macros/engine/extraction.sql; `computed` = the model's SQL does
      default     what a missing value becomes
      references  the table of its own schema whose id it holds, or `table.column`
      expected    for a computed column: SQL over `doc` and `key` that reconciliation holds it against, or the
                  name of a macro that gives it (macros/reconciliation/v1_expected.sql)
      live        {source: declaration} of the live sources that know the column: a path, or {path, rule, fill}.
                  rule `computed` = the model's SQL does; fill = counts only where V1 has no value
      secret      no report shows its values and no analyst reads it
      natural_key, accepted_values, primary_key, not_null
#}
{% macro declared_columns(node) %}
    {% set columns = [] %}
    {% for column in node.columns.values() %}
        {% set meta = column.get('config', {}).get('meta', {}) or column.get('meta', {}) %}
        {% set path = meta.get('path', []) %}
        {% set constraints = column.get('constraints', []) | map(attribute='type') | map('string') | list %}
        {% do columns.append({
            'name': column.name,
            'type': column.data_type,
            'paths': [path] if path is string else path,
            'rule': meta.get('rule', 'direct'),
            'default': meta.get('default'),
            'references': meta.get('references'),
            'live': live_declarations(meta.get('live', {})),
            'expected': context[meta.expected]() if meta.get('expected') in context else meta.get('expected'),
            'natural_key': meta.get('natural_key', false),
            'accepted_values': meta.get('accepted_values', []),
            'secret': meta.get('secret', false),
            'primary_key': 'primary_key' in constraints or 'ConstraintType.primary_key' in constraints,
            'not_null': 'not_null' in constraints or 'ConstraintType.not_null' in constraints,
        }) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}


{# What live sources know of a column: {source: {paths, rule, fill}}. #}
{% macro live_declarations(live) %}
    {% set declarations = {} %}
    {% for source_name, told in live.items() %}
        {% set told = told if told is mapping else {'path': told} %}
        {% set path = told.get('path', []) %}
        {% do declarations.update({source_name: {
            'paths': [path] if path is string else path,
            'rule': told.get('rule', 'direct'),
            'fill': told.get('fill', false),
        }}) %}
    {% endfor %}
    {{ return(declarations) }}
{% endmacro %}


{# All models that carry V1 documents: `config.meta.v1` names the V1 table. #}
{% macro entity_nodes() %}
    {% set nodes = [] %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' and node.config.get('meta', {}).get('v1') %}
        {% do nodes.append(node) %}
    {% endfor %}
    {{ return(nodes | sort(attribute='name')) }}
{% endmacro %}


{# The declaration of one model by name, or a compile error that says so. #}
{% macro entity_node(name) %}
    {% for node in entity_nodes() if node.name == name %}{{ return(node) }}{% endfor %}
    {{ exceptions.raise_compiler_error("No V2 model is called '" ~ name ~ "'.") }}
{% endmacro %}


{# A column to extract that no YAML declares, for a model that reads a second V1 table; `path` as in a declaration. #}
{% macro helper_column(name, type, path, rule='direct', default=none) %}
    {{ return({'name': name, 'type': type, 'paths': [path] if path is string else path, 'rule': rule, 'default': default}) }}
{% endmacro %}
