{#
    What the models of the connected systems (Follow Up Boss, Stripe, the old workers) should hold where they look
    something up or decide something: written from the rule, not from the models' SQL.

    Belongs here: the V1 side of their lookups, and `expected` of their computed columns. The rest of the V1 side is
    in v1_rows.sql, the brokerage's own in v1_rows_brokerage.sql and v1_expected.sql.
#}

{# A user of the CRM is the agent he names, else his login's, else the lowest with his e-mail address. #}
{% macro v1_rows_fub_users() %}
    with agents as materialized (
        select landed.key::bigint as id, lower({{ v1_raw('email', 'landed.payload') }}) as email
        from {{ staging('agent') }} as landed
    ),
    logins as materialized (
        select landed.key::bigint as id, agents.id as agent_id
        from {{ staging('user') }} as landed
        inner join agents on agents.id = {{ v1_number('agent_id') }}
    ),
    addresses as materialized (
        select email, min(id) as agent_id from agents group by email
    )
    select
        landed.key,
        landed.key as v1_key,
        landed.payload || jsonb_build_object(
            'expected_agent', coalesce({{ v1_number('agent_id') }}, logins.agent_id, addresses.agent_id)
        ) as doc,
        landed.deleted_at is not null as is_deleted
    from {{ staging('fub_users') }} as landed
    left join logins on logins.id = {{ v1_number('user_id') }}
    left join addresses on addresses.email = lower({{ v1_raw('email', 'landed.payload') }})
{% endmacro %}


{#
    Whose a record is follows from V2's own row of the user or person it names: v1_rows_fub_users proves the users,
    and the people are held against them.
#}
{% macro v1_agent_of(table, id) -%}
    (
        select named.agent_id
        from {{ api.Relation.create(database=target.database, schema='v2', identifier=table) }} as named
        where named.id = {{ id }}
    )
{%- endmacro %}

{% macro v1_person_agent() %}{{ v1_agent_of('fub_users', v1_number('assigned_to_fub_id', 'doc')) }}{% endmacro %}
{% macro v1_event_agent() %}{{ v1_agent_of('fub_people', v1_number('fub_people_id', 'doc')) }}{% endmacro %}
{% macro v1_appointment_agent() %}{{ v1_agent_of('fub_users', v1_number('fub_user_id', 'doc')) }}{% endmacro %}
{% macro v1_text_message_agent() %}{{ v1_agent_of('fub_users', v1_number('fub_users_id', 'doc')) }}{% endmacro %}

{% macro v1_call_agent() -%}
    {{ v1_agent_of('fub_users', 'coalesce(' ~ v1_number('fub_users_id', 'doc') ~ ', '
        ~ v1_number('fub_users_id_deprecated', 'doc') ~ ')') }}
{%- endmacro %}


{# The entry of a list that is marked as primary, else its first: the text under the first of these names. #}
{% macro v1_primary(list, names) -%}
    (
        select coalesce(
            {%- for name in names %}{{ v1_raw(name, 'chosen.entry') }}{{ ', ' if not loop.last }}{% endfor -%}
        )
        from (
            select coalesce(
                jsonb_path_query_first(
                    doc -> '{{ list }}',
                    '$[*] ? (@.isPrimary == true || @.isPrimary == 1 || @.isPrimary like_regex "^(true|1)$")'
                ),
                jsonb_path_query_first(doc -> '{{ list }}', 'strict $[0]', silent => true)
            ) as entry
        ) as chosen
    )
{%- endmacro %}

{% macro v1_person_email() %}lower({{ v1_primary('emails', ['emailAddress', 'value']) }}){% endmacro %}

{% macro v1_person_phone() -%}
    case
        when jsonb_typeof(doc -> 'phones') = 'array' then {{ v1_primary('phones', ['phoneNumber', 'value']) }}
        else {{ v1_raw('phones') }}
    end
{%- endmacro %}


{% macro v1_call_direction() -%}
    coalesce(
        {{ v1_raw('direction') }},
        '{"true": "inbound", "false": "outbound"}'::jsonb ->> lower({{ v1_raw('is_incoming') }})
    )
{%- endmacro %}

{% macro v1_is_connected() -%}
    coalesce(lower({{ v1_raw('outcome') }}) = any (array['interested', 'not interested']), false)
    or coalesce(
        substring({{ v1_raw('duration') }} from '^[0-9]{1,9}$')::integer > {{ var('connected_call_seconds') }}, false
    )
{%- endmacro %}

{% macro v1_is_held() -%}
    coalesce(lower({{ v1_raw('outcome') }}) = any (array['met', 'held', 'completed', 'kept']), false)
{%- endmacro %}

{# A deal's price; 0 is none. #}
{% macro v1_deal_price() -%}
    case
        when {{ v1_raw('deal_price') }} ~ '^[0-9]{1,11}([.][0-9]+)?$'
            then nullif(round({{ v1_raw('deal_price') }}::numeric, 2), 0)
    end
{%- endmacro %}


{# The day of the calendar's document, null where it is none. #}
{% macro v1_calendar_day() -%}
    case
        when {{ v1_raw('date') }} ~ '^[0-9-]{10}$' and pg_input_is_valid({{ v1_raw('date') }}, 'date')
            then {{ v1_raw('date') }}::date
    end
{%- endmacro %}

{% macro v1_iso_week() %}to_char({{ v1_calendar_day() }}, 'IW'){% endmacro %}
{% macro v1_iso_year() %}to_char({{ v1_calendar_day() }}, 'IYYY'){% endmacro %}
{% macro v1_week_start() %}to_date(to_char({{ v1_calendar_day() }}, 'IYYY-IW'), 'IYYY-IW'){% endmacro %}


{% macro v1_price_product() -%}
    (
        select min(product.key::bigint)
        from {{ staging('stripe_product') }} as product
        where {{ v1_raw('product_id', 'product.payload') }} = {{ v1_raw('stripe_product_id_raw') }}
    )
{%- endmacro %}

{# V1 names a subscription's price by the row's id or by Stripe's key. #}
{% macro v1_subscription_price() -%}
    coalesce({{ v1_number('price_id', 'doc') }}, (
        select min(price.key::bigint)
        from {{ staging('stripe_pricing') }} as price
        where {{ v1_raw('price_id', 'price.payload') }} = {{ v1_raw('price_id') }}
    ))
{%- endmacro %}


{# A worker's log belongs to the job with its key; of twins to the older. #}
{% macro v1_rows_lambda_worker_logs() %}
    with jobs as materialized (
        select {{ v1_raw('job_id', 'landed.payload') }} as job_id, min(landed.key::bigint) as id
        from {{ staging('lambda_job_status') }} as landed
        group by {{ v1_raw('job_id', 'landed.payload') }}
    )
    select
        landed.key,
        landed.key as v1_key,
        landed.payload || jsonb_build_object('expected_job', jobs.id) as doc,
        landed.deleted_at is not null as is_deleted
    from {{ staging('lambda_worker_logs') }} as landed
    left join jobs on jobs.job_id = {{ v1_raw('job_id', 'landed.payload') }}
{% endmacro %}
