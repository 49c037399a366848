{#
    How Stripe writes things: amounts, modes, events.

    Belongs here: what its tables have in common. Does not belong here: which column holds what (the models' YAML).
#}

{#
    An amount in units of its currency. Stripe counts in the smallest unit: of most currencies a hundredth, of some the
    unit itself, of some a thousandth. ISK and UGX have no smaller unit, and Stripe counts them in hundredths still.
#}
{% macro stripe_amount(minor, currency) -%}
    ({{ minor }}) / case
        when lower({{ currency }}) in (
            'bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'vnd', 'vuv', 'xaf', 'xof', 'xpf'
        ) then 1
        when lower({{ currency }}) in ('bhd', 'jod', 'kwd', 'omr', 'tnd') then 1000
        else 100
    end
{%- endmacro %}


{#
    Which objects count, over a payload: the var `stripe_mode`. `live`: an object made in test mode is left out, by
    whatever way it came. `any`: all, for a test key. Default: live, and any in the sandbox, whose key is a test key.
#}
{% macro stripe_counts(payload) -%}
    {%- set is_sandbox = env_var('HEADWATER_WORLD', 'sandbox') == 'sandbox' -%}
    {%- set mode = var('stripe_mode', none) or ('any' if is_sandbox else 'live') -%}
    {%- if mode not in ('any', 'live') -%}
        {{ exceptions.raise_compiler_error("The var stripe_mode is '" ~ mode ~ "': it is live or any.") }}
    {%- endif -%}
    {{ 'true' if mode == 'any' else payload ~ " -> 'livemode' = 'true'" }}
{%- endmacro %}


{#
    Objects of one kind as they are now, as `rows` of a live source: what a list told last, or what the newest event
    about the object told if that happened after. Events are replayed by their own moment, so it does not matter when
    and how often they came; within a second created comes before updated, updated before deleted. An event that landed
    before the list was read again is no news, whatever the clocks say.
#}
{% macro stripe_current(table, kind) %}
    (
        select distinct on (told.account, told.key)
            told.account,
            told.key,
            null::jsonb as request,
            told.payload,
            told.deleted_at
        from (
            select
                account,
                key,
                payload,
                deleted_at,
                extracted_at as told_at,
                3 as step
            from {{ source('staging_stripe', table) }}
            where {{ stripe_counts('payload') }}
            union all
            select
                event.account,
                event.payload #>> '{data,object,id}',
                event.payload #> '{data,object}',
                case when event.payload ->> 'type' = '{{ kind }}.deleted' then to_timestamp((event.payload ->> 'created')::bigint) end,
                to_timestamp((event.payload ->> 'created')::bigint),
                case (regexp_match(event.payload ->> 'type', '[a-z_]+$'))[1] when 'deleted' then 2 when 'created' then 0 else 1 end
            from {{ source('staging_stripe', 'events') }} as event
            left join {{ source('staging_stripe', table) }} as listed
                on listed.account = event.account and listed.key = event.payload #>> '{data,object,id}'
            where
                event.payload #>> '{data,object,object}' = '{{ kind }}'
                and {{ stripe_counts('event.payload') }}
                and (listed.key is null or event.extracted_at >= listed.extracted_at)
        ) as told
        order by told.account, told.key, told.told_at desc, told.step desc
    )
{% endmacro %}
