"""dbt's layers: staging, cleansing, verification, marts and report, one step each."""
