{{ v2_entity('office', parents={'brokerage': 'brokerage', 'state_province': 'state_province'}) }}
