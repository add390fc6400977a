"""Reports that people can hand over: one document, written as HTML in one file and as PDF/A."""
