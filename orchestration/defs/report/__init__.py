"""Stage report: the letter's audit and the sealed report."""
