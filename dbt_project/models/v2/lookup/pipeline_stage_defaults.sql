{{ v2_entity('pipeline_stage_defaults') }}
