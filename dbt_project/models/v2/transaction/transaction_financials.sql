{{ v2_entity('transaction', parents={'transaction': 'transaction'}) }}
