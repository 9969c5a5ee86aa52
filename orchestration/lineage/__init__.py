"""From a figure to the rows, raw columns, delivery and letter it stands on."""
