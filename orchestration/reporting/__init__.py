"""What the platform states to others: figures and their registry, the audit of letters, sealed reports."""
