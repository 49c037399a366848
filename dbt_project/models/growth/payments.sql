-- The jobs of a payment are those it is related to; else the one that is its primary record; else its invoices'.
{{ jobnimbus_entity(
    'payment',
    lookups={
        'jobs': "select jnid, contact_id, sales_rep_id, is_test from " ~ ref('jobs'),
        'payers': "select jnid, is_test from " ~ ref('contacts'),
        'users': "select jnid from " ~ ref('sales_reps'),
        'invoiced': "select lines.payment_id, jsonb_agg(invoices.job_id_raw order by lines.position) as job_ids from ("
            ~ payment_lines('doc', 'key', 'payload') ~ ") as lines inner join (" ~ invoices_of_jobs()
            ~ ") as invoices on invoices.invoice_id = lines.invoice_id group by lines.payment_id",
        'doc_jobs': "select doc.key as payment_id, coalesce(" ~ jobs_named_in('doc.payload')
            ~ ", invoiced.job_ids) as job_ids from doc left join invoiced on invoiced.payment_id = doc.key"
    },
    joins="left join doc_jobs on doc_jobs.payment_id = doc.key
    left join jobs on jobs.jnid = doc_jobs.job_ids ->> 0
    left join payers on payers.jnid = coalesce(" ~ homeowner_of('doc.payload') ~ ", jobs.contact_id)
    left join users on users.jnid = doc.sales_rep_id_raw",
    computed={
        'job_id': 'jobs.jnid',
        'job_id_raw': 'doc_jobs.job_ids ->> 0',
        'job_ids': 'doc_jobs.job_ids',
        'contact_id': 'payers.jnid',
        'sales_rep_id': 'users.jnid',
        'net_amount': '(doc.total - coalesce(doc.credit, 0) - coalesce(doc.refunded_amount, 0))::numeric(14, 2)',
        'payment_method': "case doc.method_id when 1 then 'check' when 2 then 'cash' when 3 then 'credit card' end",
        'is_test': '(coalesce(jobs.is_test, false) or coalesce(payers.is_test, false)'
            ~ ' or ' ~ is_test_name("doc.payload #>> '{primary,name}'")
            ~ ')',
        'is_deleted': is_deleted(),
        'raw': 'doc.payload'
    }
) }}
