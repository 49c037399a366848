"""The customer app: a consumer-finance app's own Postgres, whose tables have had three shapes."""
