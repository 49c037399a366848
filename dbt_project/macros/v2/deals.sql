{#
    The words for deals and listings: what V1's spellings of stage, type and role mean. One CASE a word list, over a
    text expression; nothing here reads a table.
#}

{# A spelling as one writes a constant: trimmed, upper case, no apostrophes, words joined by `joint`. #}
{% macro constant_spelling(text, joint) -%}
    upper(regexp_replace(replace(replace(btrim({{ text }}), '''', ''), '’', ''), '[ _-]+', '{{ joint }}', 'g'))
{%- endmacro %}


{#
    A deal's status out of its stage and flags. A flag that ends the deal outweighs a stage that does not know yet;
    a stage that says canceled outweighs both. Without a stage, an accepted contract means pending.
#}
{% macro deal_status(stage, closed, terminated, archived, contract_date) -%}
    {%- set spelled = constant_spelling(stage, ' ') -%}
    case
        when {{ archived }} then 'Archived'
        when {{ spelled }} in ('CANCELED', 'CANCELLED') then 'Canceled'
        when {{ terminated }} or {{ spelled }} = 'TERMINATED' then 'Terminated'
        when {{ closed }} or {{ spelled }} in ('CLOSED', 'SETTLED') then 'Closed'
        when {{ spelled }} in ('PENDING', 'UNDER CONTRACT') then 'Pending'
        when {{ spelled }} in ('APPROVED', 'ACTIVE') then 'Active'
        when {{ spelled }} = 'LISTED' then 'Listed'
        when {{ spelled }} = 'ARCHIVED' then 'Archived'
        when {{ contract_date }} is not null then 'Pending'
        else 'Listed'
    end
{%- endmacro %}


{% macro deal_type(type) -%}
    {%- set spelled = constant_spelling(type, ' ') -%}
    case {{ spelled }}
        when 'RESIDENTIAL SALE' then 'Sale'
        when 'RESIDENTIAL LEASE' then 'Lease'
        else initcap({{ spelled }})
    end
{%- endmacro %}


{% macro listing_status(stage, closed, terminated) -%}
    {%- set spelled = constant_spelling(stage, ' ') -%}
    case
        when {{ terminated }} then 'Terminated'
        when {{ closed }} then 'Closed'
        when {{ spelled }} in ('CANCELED', 'CANCELLED', 'TERMINATED', 'EXPIRED', 'WITHDRAWN') then 'Terminated'
        when {{ spelled }} in ('UNDER CONTRACT', 'PENDING') then 'Pending'
        when {{ spelled }} in ('SOLD', 'CLOSED') then 'Closed'
        else 'Active'
    end
{%- endmacro %}


{# What a participant is on a deal; AGENT where the text names no side of its own. #}
{% macro agent_role(role) -%}
    {%- set spelled = constant_spelling(role, '_') -%}
    case
        when {{ spelled }} in ('BUYERS_AGENT', 'BUYER_AGENT', 'BUYING_AGENT', 'TENANTS_AGENT') then 'BUYERS_AGENT'
        when {{ spelled }} in ('LISTING_AGENT', 'SELLERS_AGENT', 'LANDLORDS_AGENT') then 'LISTING_AGENT'
        when {{ spelled }} in ('CO_BUYERS_AGENT', 'CO_BUYER_AGENT') then 'CO_BUYERS_AGENT'
        when {{ spelled }} = 'CO_LISTING_AGENT' then 'CO_LISTING_AGENT'
        when {{ spelled }} = 'TEAM_LEADER' then 'TEAM_LEADER'
        when {{ spelled }} in ('REFERRAL', 'REFERRAL_AGENT', 'REFERRING_AGENT') then 'REFERRAL'
        else 'AGENT'
    end
{%- endmacro %}


{# The side a role earns credit on; AGENT stands on the side the deal represents, if that is one side. #}
{% macro agent_side(role, representation) -%}
    case
        when {{ role }} in ('BUYERS_AGENT', 'CO_BUYERS_AGENT') then 'buy'
        when {{ role }} in ('LISTING_AGENT', 'CO_LISTING_AGENT') then 'sell'
        when {{ role }} = 'AGENT' and {{ representation }} in ('BUYER', 'TENANT') then 'buy'
        when {{ role }} = 'AGENT' and {{ representation }} in ('SELLER', 'LANDLORD') then 'sell'
    end
{%- endmacro %}
