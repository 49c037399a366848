{#
    Every word for a status that a live source lands is in seeds/status_map.csv. A row is a word that is not: V2 keeps it
    in `stage` and lets flags and dates decide; somebody should say what it means.
#}
{% test known_statuses(model, entity) %}
    {% set told = live_statuses(entity) %}
    with statuses as (
        {{ status_lookup(entity) }}
    )

    select
        words.source,
        words.word,
        count(*) as landed_rows,
        min(words.key) as example
    from (
        {% for name, spec in told.items() %}
        {{ 'union all' if not loop.first }}
        select '{{ name }}' as source, doc.key, coalesce({{ spec.words | join(', ') }}) as word, array[{{ spec.words | join(', ') }}] as words
        from ({{ extract_live(landed_rows(spec.rows), spec.columns) }}) as doc
        where {{ spec.get('where', 'true') }}
        {% endfor %}
    ) as words
    where words.word is not null and not exists (
        select from statuses
        cross join unnest(words.words) as tried (word)
        where statuses.source = words.source and statuses.status = {{ status_words('tried.word') }}
    )
    group by words.source, words.word
{% endtest %}


{# Where each source says how a deal or listing stands: the words, the most telling first. #}
{% macro live_statuses(entity) %}
    {% set lines = csv_lines(entity, 'id').rows %}
    {% set rezen = {
        'columns': [
            helper_column('state', 'text', ['lifecycleState.state', 'lifecycleState', 'transactionStatus']),
            helper_column('status', 'text', 'status')
        ],
        'words': ['doc.state', 'doc.status']
    } %}
    {% set skyslope = {
        'columns': [helper_column('status', 'text', 'status')],
        'words': ['doc.status']
    } %}
    {% set csv = {'rows': lines, 'columns': [helper_column('status', 'text', 'status')], 'words': ['doc.status']} %}
    {% if entity == 'listing' %}
        {{ return({
            'rezen': dict(rezen, rows=source('staging_rezen', 'stage_listings_rezen_onboarding')),
            'skyslope': dict(skyslope, rows=source('staging_skyslope', 'stage_listing_skyslope')),
            'csv': csv
        }) }}
    {% endif %}
    {% set loops = live_deals('dotloop') %}
    {{ return({
        'rezen': dict(rezen, rows=source('staging_rezen', 'stage_transactions_rezen_onboarding')),
        'skyslope': dict(skyslope, rows=source('staging_skyslope', 'stage_transactions_skyslope')),
        'dotloop': {
            'rows': loops.rows, 'columns': loops.helpers, 'where': loops.where,
            'words': ["doc.kind || ':' || doc.state_of_loop"]
        },
        'csv': csv
    }) }}
{% endmacro %}
