{#
    reZEN's revenue share, paid and pending. reZEN states no moment of change for it, so what it lists is newer than V1
    where it tells of a later state, or at the same state of another amount: not where V1 has seen the share paid since.
#}

{# Landed rows, with the moment they last came in another shape: of two tellings the newer one. #}
{% macro contribution_rows(tables) %}
    {% set parts = [] %}
    {% for table in tables %}
        {% do parts.append(
            "select account, key, coalesce(request, '{}') || jsonb_build_object('landed_at', extracted_at) as request, payload, deleted_at from " ~ table
        ) %}
    {% endfor %}
    {{ return('(' ~ parts | join(' union all ') ~ ')') }}
{% endmacro %}


{# Who gives, by any of the names clients have seen; who receives is the agent asked about. #}
{% macro contribution_helpers() %}
    {{ return([
        helper_column('own_id', 'text', ['id', 'contributionId']),
        helper_column('status_told', 'text', 'status', 'upper'),
        helper_column('giving_uuid', 'text', [
            'agentYentaId', 'contributorYentaId', 'contributingAgentId', 'yentaId', 'agentId', 'contributor.yentaId', 'contributor.id',
            'agent.yentaId', 'agent.id'
        ]),
        helper_column('receiving_uuid', 'text', '_request.agent_id'),
        helper_column('deal_uuid', 'text', 'transactionId'),
        helper_column('kind', 'text', ['contributionType', 'type']),
        helper_column('kind_of_deal', 'text', 'transactionType'),
        helper_column('closed_at', 'timestamptz', 'transactionClosedAt', 'epoch_ms'),
        helper_column('contributed_at', 'timestamptz', 'createdAt', 'epoch_ms'),
        helper_column('landed_at', 'timestamptz', '_request.landed_at', 'iso')
    ]) }}
{% endmacro %}


{# Lookups and joins of both tables; `natural_key` is V1's, SQL over `doc`. #}
{% macro contribution_lookups(natural_key) %}
    {{ return({
        'deals_by_uuid': ids_by(ref('transaction'), 'transaction_id_raw'),
        'agents_by_uuid': ids_by(ref('agent'), 'agent_id_raw'),
        'told_by_v1': told_by_v1(natural_key, ['amount', 'status'])
    }) }}
{% endmacro %}

{% macro contribution_joins() -%}
    left join told_by_v1 as told on told.natural_key = doc.own_id
    left join agents_by_uuid as giving on giving.natural_key = doc.giving_uuid
    left join agents_by_uuid as receiving on receiving.natural_key = doc.receiving_uuid
    left join deals_by_uuid as deals on deals.natural_key = doc.deal_uuid
{%- endmacro %}


{# REVENUE_SHARE as V1 writes it: Revenue Share. #}
{% macro in_words(constant) -%}
    initcap(replace({{ constant }}, '_', ' '))
{%- endmacro %}


{# The moment of a landed row: the end of time where it is newer than V1's. `status` is SQL for its state, `order` the states in order. #}
{% macro contribution_moment(status, order) -%}
    {%- set place = "array_position(array['" ~ order | join("', '") ~ "'], upper(" -%}
    case
        when told.id is null or {{ place ~ status }})) > {{ place }}told.status)) then timestamptz 'infinity'
        when upper({{ status }}) = upper(told.status) and doc.amount <> told.amount then timestamptz 'infinity'
    end
{%- endmacro %}
