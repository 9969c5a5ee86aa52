"""The population register as a partner: what is asked, in which batches, what was answered, and the book of both."""
