"""The platform: Dagster definitions at the edge, plain domain packages behind them, one command line."""
