{{ v2_entity('pipeline_prospect_defaults', parents={'pipeline_stage_defaults': 'pipeline_stage_defaults'}) }}
