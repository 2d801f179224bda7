"""The catalogue as files for clinicians and editors, and the loader that reads them."""
