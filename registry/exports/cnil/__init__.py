"""The register in the structure of the CNIL's simplified register, whatever the spreadsheet format."""
