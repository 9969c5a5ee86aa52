"""Gates: one blocking check per critical rule of expectations, a warning for the others."""
