"""Rules an auditor may quote, judged on warehouse relations by Great Expectations."""
