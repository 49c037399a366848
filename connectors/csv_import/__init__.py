"""CSV files that people drop into an inbox folder: deals and listings, in whatever form their tool exports."""
