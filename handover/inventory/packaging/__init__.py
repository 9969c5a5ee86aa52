"""The formats installers come in: what each says of itself, read without unpacking, installing or trusting it."""
