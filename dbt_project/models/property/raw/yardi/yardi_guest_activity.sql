{% set ids = '$.Prospect.Customer[0].Identification' %}
{{ raw_table(
    'yardi_guest_activity',
    lookups={'zones': property_zones('yardi')},
    joins='left join zones on zones.code = doc.property_code',
    computed={
        'prospect_code': named_first('doc.payload', ids, '@IDType', 'ProspectID', '@IDValue'),
        'tenant_code': named_first('doc.payload', ids, '@IDType', 'TenantID', '@IDValue'),
        'event_at': raw_moment('doc.event_at', 'zones.timezone')
    }
) }}
