"""Files become customers, deals and lines of sale: read, mapped, previewed, published in chunks, taken back."""
