"""The one error of making a synthetic country."""


class SynthesisError(Exception):
    """A country cannot be made as asked; the message says what to change."""
