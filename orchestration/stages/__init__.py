"""What each stage does, composed of the domain packages; knows nothing of Dagster and keeps no state of its own."""
